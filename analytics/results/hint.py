"""What a report means for the decision, in sentences: what happened, what it means, what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.results.report import ComparisonResult, MetricResult, ResultReport
from analytics.results.wording import days_text, lift_range_text, p_phrase, reason_text
from experiments.public import Design
from novarium.portal import numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Three answers; ``tone`` is good, warn, bad or neutral, ``verdict`` a few words for a badge.

    Attributes:
        peeking: Said while the planned units are not reached; empty afterwards.
    """

    tone: str
    verdict: str
    happened: str
    means: str
    then: str
    peeking: str = ""


def hint_of(report: ResultReport, design: Design) -> Hint:
    """Return what the report means, the gravest finding first."""
    if report.sample_ratio.mismatch:
        return _mismatch(report)
    best = leading(report)
    if best is None or best.difference is None:
        return _nothing(report, best)
    harmed = harmed_by(report, best.variant)
    peeking = _peeking(report) if design.looks == 1 else ""  # another plan may be read early
    if harmed:
        return _harmed(best, report.oec, harmed, peeking)
    if best.significant and best.improved:
        return _better(report, best, peeking)
    if best.significant:
        return _worse(best, report.oec, peeking)
    return _open(report, best, design, peeking)


def leading(report: ResultReport) -> ComparisonResult | None:
    """Return the treatment that stands best on the OEC, where any can be compared."""
    known = [row for row in report.oec.comparisons if row.difference is not None]
    sign = 1 if report.oec.definition.direction == "increase" else -1
    return max(known, key=lambda row: sign * (row.difference or 0.0), default=None)


def harmed_by(report: ResultReport, variant: str) -> list[MetricResult]:
    """Return the guardrails that the variant harms."""
    return [metric for metric in report.guardrails if _verdict(metric, variant) == "harmed"]


def undecided_for(report: ResultReport, variant: str) -> list[MetricResult]:
    """Return the guardrails of which neither harm nor safety is shown."""
    return [metric for metric in report.guardrails if _verdict(metric, variant) != "safe"]


def _verdict(metric: MetricResult, variant: str) -> str | None:
    for row in metric.comparisons:
        if row.variant == variant and row.guardrail:
            return row.guardrail.verdict
    return None


def _names(metrics: list[MetricResult]) -> str:
    return ", ".join(_(metric.definition.name) for metric in metrics)


def _effect(row: ComparisonResult, metric: MetricResult) -> dict[str, str]:
    return {
        "variant": row.name,
        "metric": _(metric.definition.name),
        "lift": numbers.signed_percent(row.lift),
        "range": lift_range_text(row.lift_low, row.lift_high),
        "p": p_phrase(row.p_value),
    }


def _peeking(report: ResultReport) -> str:
    progress = report.progress
    if progress.is_complete:
        return ""
    counts = {"reached": numbers.number(progress.reached), "planned": numbers.number(progress.planned)}
    text = _(
        "Only %(reached)s of %(planned)s planned units are in. Looking early and deciding when it looks good finds "
        "effects that are not there more often than the alpha you chose."
    )
    return text % counts


def _wait(report: ResultReport) -> str:
    left = days_text(report.progress.days_left)
    if report.status == "paused":
        return _("It is paused: nobody sees a variant. Resume it to reach the planned units, or stop it.")
    if report.status != "running":
        return _("It was stopped before the plan was complete: run it again, or decide with a written reason.")
    if left:
        return _("Let it run until the planned units are reached: %(left)s at the present rate.") % {"left": left}
    return _("Let it run until the planned units are reached.")


def _mismatch(report: ResultReport) -> Hint:
    return Hint(
        tone="bad",
        verdict=_("Do not trust"),
        happened=_("The variants received other shares of units than planned (%(p)s).")
        % {"p": p_phrase(report.sample_ratio.p_value)},
        means=_("Something in the assignment or the logging is broken, so the groups differ in more than the variant."),
        then=_("Find the cause before you look at any metric; then reset the experiment and run it again."),
        peeking=_peeking(report),
    )


def _nothing(report: ResultReport, row: ComparisonResult | None) -> Hint:
    first = row or (report.oec.comparisons[0] if report.oec.comparisons else None)
    return Hint(
        tone="neutral",
        verdict=_("Nothing to compare yet"),
        happened=reason_text(first.reason if first else None) or _("There is nothing to compare yet."),
        means=_("No difference can be computed from these units."),
        then=_wait(report),
        peeking=_peeking(report),
    )


def _harmed(row: ComparisonResult, metric: MetricResult, harmed: list[MetricResult], peeking: str) -> Hint:
    effect = _effect(row, metric) | {"guardrails": _names(harmed)}
    return Hint(
        tone="bad",
        verdict=_("Guardrail harmed"),
        happened=_("%(variant)s changed %(metric)s by %(lift)s (%(range)s), but harmed: %(guardrails)s.") % effect,
        means=_("A guardrail got worse, and a loss beyond its margin cannot be ruled out."),
        then=_("Reject it, or change the variant so that the guardrail holds, and test again."),
        peeking=peeking,
    )


def _better(report: ResultReport, row: ComparisonResult, peeking: str) -> Hint:
    effect = _effect(row, report.oec)
    happened = _("%(variant)s improved %(metric)s by %(lift)s (%(range)s, %(p)s).") % effect
    undecided = undecided_for(report, row.variant)
    if peeking:
        return Hint(
            tone="warn",
            verdict=_("Promising, too early"),
            happened=happened,
            means=_("The difference is larger than chance explains today, but the plan was to look once, at the end."),
            then=_wait(report),
            peeking=peeking,
        )
    if undecided:
        return Hint(
            tone="warn",
            verdict=_("Better, guardrails open"),
            happened=happened,
            means=_("Harm within these guardrails is neither shown nor ruled out: %(names)s.")
            % {"names": _names(undecided)},
            then=_("Weigh the gain against that risk, or plan a larger run that can settle it."),
        )
    return Hint(
        tone="good",
        verdict=_("Ready to adopt"),
        happened=happened,
        means=_("Chance alone would rarely produce this, and no guardrail lost more than its margin."),
        then=_("A lead can adopt %(variant)s: it goes live at the next request and can be rolled back.") % effect,
    )


def _worse(row: ComparisonResult, metric: MetricResult, peeking: str) -> Hint:
    effect = _effect(row, metric)
    return Hint(
        tone="bad",
        verdict=_("Worse"),
        happened=_("Even the best variant, %(variant)s, changed %(metric)s by %(lift)s (%(range)s, %(p)s).") % effect,
        means=_("The change does harm: the whole interval lies on the wrong side of zero."),
        then=_("Reject it and write down what you learned; a clear no saves the next attempt."),
        peeking=peeking,
    )


def _open(report: ResultReport, row: ComparisonResult, design: Design, peeking: str) -> Hint:
    effect = _effect(row, report.oec) | {"mde": numbers.percent(design.mde)}
    happened = _("%(variant)s changed %(metric)s by %(lift)s (%(range)s, %(p)s).") % effect
    sign = 1 if report.oec.definition.direction == "increase" else -1
    bounds = [sign * end for end in (row.lift_low, row.lift_high) if end is not None]
    ruled_out = bool(bounds) and max(bounds) < design.mde
    if peeking and not ruled_out:
        means = _("Zero lies inside the interval: the data do not tell yet which variant is better.")
        return Hint(
            tone="neutral", verdict=_("Open"), happened=happened, means=means, then=_wait(report), peeking=peeking
        )
    if ruled_out:
        means = _("An improvement as large as the planned %(mde)s is ruled out; what remains is small or nothing.")
        then = _("Reject it, unless a smaller gain is worth the change to you.")
    else:
        means = _("No difference is shown, and one as large as the planned %(mde)s is not ruled out either.")
        then = _("Reject it, or plan a larger run: not significant is not the same as no effect.")
    return Hint(
        tone="neutral", verdict=_("No winner"), happened=happened, means=means % effect, then=then, peeking=peeking
    )
