"""Values, differences and reasons in the reader's words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.results.report import MetricResult, ResultReport
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
    Reason.SMALL_STRATUM: gettext_lazy(
        "Since the weights changed a variant has fewer than two units that count, so phases cannot be combined yet."
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
    if metric.unit == "hours":
        return _("%(hours)s h") % {"hours": numbers.number(value, digits=2)} if value is not None else numbers.NOTHING
    return numbers.number(value, digits=3)


def difference_text(metric: MetricDefinition, value: float | None) -> str:
    """Return an absolute difference with its sign; of percentages in percentage points."""
    if value is None:
        return numbers.NOTHING
    if metric.unit == "won":
        return numbers.money(value, signed=True)
    if metric.unit == "percent":
        return _("%(points)s pp") % {"points": _signed(value * 100, digits=2)}
    if metric.unit == "hours":
        return _("%(hours)s h") % {"hours": _signed(value, digits=2)}
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


def adjustment_text(metric: MetricResult) -> str:
    """Return what CUPED did to the metric's differences, as a sentence; empty where it has no look-back."""
    shares = [row.variance_reduction for row in metric.comparisons if row.variance_reduction is not None]
    if not metric.definition.lookback_days or not shares:
        return ""
    return _(
        "Differences are adjusted by what units did in the %(days)d days before (CUPED), which takes %(share)s off the "
        "variance; the values are as observed."
    ) % {"days": metric.definition.lookback_days, "share": numbers.percent(max(*shares, 0.0), digits=0)}


def phases_note(report: ResultReport) -> str:
    """Return how the phases enter the analysis, in sentences."""
    found = []
    if any(phase.paused for phase in report.phases):
        found.append(_("What happened while the experiment was paused does not count."))
    if report.strata:
        found.append(
            _(
                "The weights changed, so early and late units are unevenly spread over the variants: effects are "
                "computed within the phases of equal weights and then combined (post-stratification)."
            )
        )
        if any(metric.definition.type == "quantile" for metric in report.metrics):
            found.append(
                _(
                    "Quantiles cannot be combined like that: theirs are of the largest such part alone, and leave the "
                    "other units out."
                )
            )
    elif len(report.phases) > 1 and not report.left_out:
        found.append(_("The weights stayed the same, so all phases are taken together."))
    if report.left_out:
        units = numbers.number(report.left_out)
        found.append(
            _("%(units)s units of phases in which a variant has fewer than two are left out for now.")
            % {"units": units}
        )
    return " ".join(found)


def _signed(value: float, *, digits: int) -> str:
    text = numbers.number(value, digits=digits)
    return text if text.startswith(numbers.MINUS) or not any(c in "123456789" for c in text) else f"+{text}"
