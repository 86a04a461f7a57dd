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
)
