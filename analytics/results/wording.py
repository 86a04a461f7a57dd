"""Values, differences and reasons in the reader's words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.stats import Reason
from experiments.public import MetricDefinition
from novarium.portal import numbers

SMALLEST_SHOWN = 0.0001

REASONS: dict[str, str | Promise] = {
    Reason.NO_DATA: gettext_lazy("It was not measured."),
    Reason.NO_UNITS: gettext_lazy("A variant has no units yet."),
    Reason.ONE_UNIT: gettext_lazy("A variant has a single unit, so its spread is unknown."),
    Reason.SINGLE_ARM: gettext_lazy("There is no second variant to compare with."),
    Reason.NOT_FINITE: gettext_lazy("The sums hold an infinite value."),
    Reason.PRECISION_LOST: gettext_lazy("The sums are too coarse for the variance."),
    Reason.ZERO_VARIANCE: gettext_lazy("Every unit of a variant has the same value, so the noise cannot be estimated."),
    Reason.ZERO_DENOMINATOR: gettext_lazy("The denominator is zero in a variant: nothing to divide by yet."),
    Reason.BASELINE_NEAR_ZERO: gettext_lazy(
        "The control cannot be told from zero, so a relative difference has no interval."
    ),
    Reason.NO_MARGIN: gettext_lazy("It has no margin."),
    Reason.NO_WEIGHTS: gettext_lazy("No allocation was planned."),
    Reason.TOO_FEW_UNITS: gettext_lazy("There are too few units for this test."),
}


def reason_text(reason: str | None) -> str:
    """Return why a number is absent, as a sentence; empty where it is there."""
    return str(REASONS.get(reason, _("It cannot be computed."))) if reason else ""


def value_text(metric: MetricDefinition, value: float | None) -> str:
    """Return a metric's value with its unit: ``12.34%``, ``₩18,750`` or ``2.31``."""
    if metric.unit == "percent":
        return numbers.percent(value, digits=2)
    if metric.unit == "won":
        return numbers.money(value)
    return numbers.number(value, digits=3)


def difference_text(metric: MetricDefinition, value: float | None) -> str:
    """Return an absolute difference with its sign; of percentages in percentage points."""
    if value is None:
        return numbers.NOTHING
    if metric.unit == "won":
        return numbers.money(value, signed=True)
    if metric.unit == "percent":
        return _("%(points)s pp") % {"points": _signed(value * 100, digits=2)}
    return _signed(value, digits=3)


def range_text(metric: MetricDefinition, low: float | None, high: float | None) -> str:
    """Return an interval of absolute differences."""
    if low is None or high is None:
        return numbers.NOTHING
    return _("%(low)s to %(high)s") % {"low": difference_text(metric, low), "high": difference_text(metric, high)}


def lift_range_text(low: float | None, high: float | None) -> str:
    """Return an interval of relative differences."""
    if low is None or high is None:
        return numbers.NOTHING
    return _("%(low)s to %(high)s") % {"low": numbers.signed_percent(low), "high": numbers.signed_percent(high)}


def p_text(value: float | None) -> str:
    """Return a p-value to as many digits as carry meaning."""
    if value is None:
        return numbers.NOTHING
    if value < SMALLEST_SHOWN:
        return f"< {numbers.number(SMALLEST_SHOWN, digits=4)}"
    return numbers.number(value, digits=4 if value < 0.01 else 3)


def p_phrase(value: float | None) -> str:
    """Return ``p = 0.023``, or ``p < 0.0001`` below what is written out."""
    text = p_text(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def days_text(days: float | None) -> str:
    """Return a waiting time, in the unit that fits it."""
    if days is None:
        return ""
    if days < 1 / 24:
        return _("less than an hour")
    if days < 1:
        return _("about %(hours)s hours") % {"hours": numbers.number(days * 24, digits=0)}
    return _("about %(days)s days") % {"days": numbers.number(days, digits=0 if days >= 10 else 1)}


def _signed(value: float, *, digits: int) -> str:
    text = numbers.number(value, digits=digits)
    return text if text.startswith(numbers.MINUS) or not any(c in "123456789" for c in text) else f"+{text}"
