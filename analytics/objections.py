"""What speaks against adopting a variant; a lead needs a written reason to adopt it all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.results.hint import harmed_by
from analytics.results.report import ResultReport
from experiments.public import Design
from novarium.portal import numbers

SAMPLE_RATIO = "sample_ratio"
TOO_FEW_UNITS = "too_few_units"
GUARDRAIL_HARMED = "guardrail_harmed"
NOT_BETTER = "not_better"


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection; ``subject`` names the metric of a harmed guardrail, or gives the units reached and planned."""

    code: str
    subject: str = ""

    @property
    def sentence(self) -> str:
        """The objection in the reader's language."""
        return _SENTENCES[self.code](self.subject)


def objections_to(variant: str, report: ResultReport | None, design: Design) -> tuple[Objection, ...]:
    """Return what speaks against adopting the variant on this report (None: nobody was exposed)."""
    reached = report.units if report else 0
    found = []
    if report and report.sample_ratio.mismatch:
        found.append(Objection(SAMPLE_RATIO))
    if reached < design.planned_units and not _may_stop(report, variant, design):
        found.append(Objection(TOO_FEW_UNITS, f"{reached}/{design.planned_units}"))
    if report and _unimproved(report, variant):
        found.append(Objection(NOT_BETTER, report.oec.definition.name))
    if report:
        found += [Objection(GUARDRAIL_HARMED, metric.definition.name) for metric in harmed_by(report, variant)]
    return tuple(found)


def _may_stop(report: ResultReport | None, variant: str, design: Design) -> bool:
    """Whether the plan reads several times and its boundary is crossed, so that fewer units are enough."""
    return design.looks != 1 and report is not None and not _unimproved(report, variant)


def _unimproved(report: ResultReport, variant: str) -> bool:
    return any(row.variant == variant and not row.improved for row in report.oec.comparisons)


def _too_few(subject: str) -> str:
    reached, planned = subject.split("/")
    counts = {"reached": numbers.number(int(reached)), "planned": numbers.number(int(planned))}
    return _("Only %(reached)s of %(planned)s planned units are in.") % counts


_SENTENCES: dict[str, Callable[[str], str]] = {
    SAMPLE_RATIO: lambda _subject: _("The sample ratio does not match the plan, so the result cannot be trusted."),
    TOO_FEW_UNITS: _too_few,
    NOT_BETTER: lambda subject: _("It is not shown that %(name)s gets better.") % {"name": _(subject)},
    GUARDRAIL_HARMED: lambda subject: _("The guardrail %(name)s is harmed.") % {"name": _(subject)},
}
