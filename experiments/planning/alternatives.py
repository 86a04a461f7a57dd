"""What if: the plan beside others that differ in one thing, each with what the form must hold to take it over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from experiments.planning.planning_hooks import AT_ANY_TIME, ONCE, Baseline, Plan, PlanQuestion, Sketch, sketch_for
from novarium.portal import numbers

EQUAL = 0.005
SPLITS = (0.5, 0.8, 0.9)
MOST_ARMS = 4
LOOKS = 4
FEWEST_SAVED = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One row of the table.

    Attributes:
        takes: Values of the form's fields, as they are typed, that turn the plan into this one.
        more: Units in all as a multiple of the plan's, less one.
        note: What else there is to say.
    """

    label: str
    sketch: Sketch
    takes: Mapping[str, str] = field(default_factory=dict)
    more: float | None = None
    note: str = ""

    @property
    def weeks(self) -> int | None:
        """Whole weeks of the days."""
        return self.sketch.days // 7 if self.sketch.days else None

    @property
    def taken(self) -> str:
        """The fields and values as a form's button sends them."""
        return "&".join(f"{name}={text}" for name, text in self.takes.items())


def alternatives(question: PlanQuestion, plan: Plan, history: Baseline | None) -> list[Alternative]:
    """Return the plan itself, then the others.

    Args:
        question: The plan's question, with what followed filled in.
        plan: Its answer.
        history: What is known of the metric; a correlation offers CUPED.
    """
    own = Sketch(total=plan.total, average_units=plan.average_units, days=plan.days, mde=_found(question, plan))
    rows = [Alternative(label=_("This plan"), sketch=own, note=_watched(question, own))]
    for label, other, takes in _others(question, history):
        sketch = sketch_for(other, days=plan.days)
        if sketch is None:
            continue
        more = sketch.total / plan.total - 1 if sketch.total and plan.total else None
        rows.append(Alternative(label=label, sketch=sketch, takes=takes, more=more, note=_watched(other, sketch)))
    return rows


def _found(question: PlanQuestion, plan: Plan) -> float | None:
    end = plan.after_week(plan.weeks) if plan.days else None
    return end.mde if end else question.mde


def _watched(question: PlanQuestion, sketch: Sketch) -> str:
    if question.looks == ONCE or sketch.average_units is None:
        return ""
    return _("%(units)s on average if the effect is there") % {"units": numbers.number(sketch.average_units)}


Other = tuple[str, PlanQuestion, dict[str, str]]


def _others(question: PlanQuestion, history: Baseline | None) -> Iterator[Other]:
    yield from _splits(question)
    yield from _arms(question)
    yield from _looks(question)
    yield from _cuped(question, history)
    yield from _powers(question)


def _splits(question: PlanQuestion) -> Iterator[Other]:
    arms = len(question.weights)
    equal = 1 / arms
    for share in SPLITS if arms == 2 else (equal, 0.8):
        if abs(question.weights[0] - share) < EQUAL:
            continue
        weights = (share, *[(1 - share) / (arms - 1)] * (arms - 1))
        label = _("Split %(split)s") % {"split": " / ".join(numbers.number(round(w * 100, 1)) for w in weights)}
        yield label, replace(question, weights=weights), {"split": f"{share * 100:.2f}"}


def _arms(question: PlanQuestion) -> Iterator[Other]:
    for arms in range(2, MOST_ARMS + 1):
        if arms == len(question.weights):
            continue
        label = _("%(arms)d variants, equal shares, alpha shared by %(tests)d comparisons") % {
            "arms": arms,
            "tests": arms - 1,
        }
        if arms == 2:
            label = _("2 variants, equal shares")
        takes = {"arms": str(arms), "split": f"{100 / arms:.2f}"}
        yield label, replace(question, weights=(1 / arms,) * arms), takes


def _looks(question: PlanQuestion) -> Iterator[Other]:
    labels = {
        ONCE: _("Read once, at the end"),
        LOOKS: _("Read at 4 looks (group-sequential)"),
        AT_ANY_TIME: _("Read at any time (always valid)"),
    }
    for looks, label in labels.items():
        if looks != question.looks:
            yield label, replace(question, looks=looks), {"looks": str(looks)}


def _cuped(question: PlanQuestion, history: Baseline | None) -> Iterator[Other]:
    if question.correlation:
        yield _("Without CUPED"), replace(question, correlation=0.0), {"cuped_correlation": ""}
    elif history and history.correlation and history.saved_variance >= FEWEST_SAVED:
        correlation = round(abs(history.correlation), 3)
        label = _("With CUPED (correlation %(correlation)s)") % {"correlation": numbers.number(correlation, digits=2)}
        yield label, replace(question, correlation=correlation), {"cuped_correlation": f"{correlation}"}


def _powers(question: PlanQuestion) -> Iterator[Other]:
    for power in (0.8, 0.9):
        if abs(question.power - power) >= EQUAL:
            label = _("Power %(power)s") % {"power": numbers.percent(power, digits=0)}
            yield label, replace(question, power=power), {"power": f"{power * 100:.0f}"}
