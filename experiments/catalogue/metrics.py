"""The metrics that an installation starts with."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class MetricSeed:
    """A metric as it is first installed; the sides are (event, aggregation)."""

    key: str
    name: str
    description: str
    type: str
    numerator: tuple[str, str]
    unit: str
    denominator: tuple[str, str] = ("", "")
    direction: str = "increase"
    window_hours: float | None = None
    cap_percentile: float | None = None
    lookback_days: int = 0
    quantile: float | None = None
    from_day: int | None = None
    to_day: int | None = None


METRICS: tuple[MetricSeed, ...] = (
    MetricSeed(
        "ctr",
        _("Click-through rate"),
        _("Share of exposed visitors who clicked at least once."),
        "proportion",
        ("click", "exists"),
        "percent",
    ),
    MetricSeed(
        "cvr",
        _("Conversion rate"),
        _("Share of exposed visitors who ordered at least once."),
        "proportion",
        ("purchase", "exists"),
        "percent",
    ),
    MetricSeed(
        "cart-rate",
        _("Cart rate"),
        _("Share of exposed visitors who put something in the cart."),
        "proportion",
        ("add_to_cart", "exists"),
        "percent",
    ),
    MetricSeed(
        "arpu",
        _("Revenue per visitor"),
        _("Order amounts per exposed visitor, with or without an order."),
        "mean",
        ("purchase", "sum"),
        "won",
    ),
    MetricSeed(
        "orders",
        _("Orders per visitor"),
        _("Number of orders per exposed visitor."),
        "mean",
        ("purchase", "count"),
        "number",
    ),
    MetricSeed(
        "session-depth",
        _("Pages per visitor"),
        _("Pages seen after the first exposure per exposed visitor."),
        "mean",
        ("page_view", "count"),
        "number",
    ),
    MetricSeed(
        "aov",
        _("Average order value"),
        _("Order amounts divided by orders."),
        "ratio",
        ("purchase", "sum"),
        "won",
        ("purchase", "count"),
    ),
    MetricSeed(
        "clicks-per-view",
        _("Clicks per page view"),
        _("Clicks divided by page views."),
        "ratio",
        ("click", "count"),
        "percent",
        ("page_view", "count"),
    ),
    MetricSeed(
        "refund-rate",
        _("Refund rate"),
        _("Refunds divided by orders."),
        "ratio",
        ("refund", "count"),
        "percent",
        ("purchase", "count"),
        "decrease",
    ),
    MetricSeed(
        "revenue",
        _("Revenue per visitor, extremes capped"),
        _(
            "Order amounts per exposed visitor; a visitor counts at most as the 99% quantile of those who ordered, and "
            "what they spent in the two weeks before is taken out. Finds smaller effects than revenue per visitor."
        ),
        "mean",
        ("purchase", "sum"),
        "won",
        cap_percentile=0.99,
        lookback_days=14,
    ),
    MetricSeed(
        "bounce-rate",
        _("Bounce rate"),
        _("Share of exposed visitors who saw one page and no second one."),
        "proportion",
        ("page_view", "once"),
        "percent",
        direction="decrease",
    ),
    MetricSeed(
        "repeat-order",
        _("Repeat order rate"),
        _("Of the visitors who ordered, the share who ordered a second time."),
        "funnel",
        ("purchase", "repeat"),
        "percent",
        ("purchase", "exists"),
    ),
    MetricSeed(
        "time-to-order",
        _("Time to order"),
        _("Median hours from the first exposure to the first order, among visitors who ordered."),
        "quantile",
        ("purchase", "hours"),
        "hours",
        direction="decrease",
        quantile=0.5,
    ),
    MetricSeed(
        "checkout-completion",
        _("Checkout completion"),
        _("Of the visitors who went to the checkout, the share who ordered."),
        "funnel",
        ("purchase", "exists"),
        "percent",
        ("checkout", "exists"),
    ),
    MetricSeed(
        "return-rate",
        _("Return within a week"),
        _("Share of exposed visitors who came back from day 1 to day 7 after their first exposure."),
        "retention",
        ("page_view", "exists"),
        "percent",
        from_day=1,
        to_day=7,
    ),
)
