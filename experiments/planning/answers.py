"""A plan as programs read it: the numbers that the planning page shows, without its pictures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from experiments.models import Experiment
from experiments.planning import plan_words
from experiments.planning.alternatives import alternatives
from experiments.planning.plan_page import guardrails_of
from experiments.planning.plan_questions import resolved
from experiments.planning.planning_hooks import Baseline, Plan, PlanQuestion, plan_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the plan was computed from, what followed filled in; see ``PlanQuestion``."""

    metric: str
    baseline: float
    deviation: float | None
    mde: float
    alpha: float
    power: float
    weights: tuple[float, ...]
    coverage: float
    daily_units: int | None
    looks: int
    correlation: float
    follows: str
    weeks: int | None
    planned_units: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailAnswer:
    """What the planned units say about a guardrail; see ``GuardrailPower``. None where history does not know it."""

    metric: str
    margin: float
    power: float | None
    total: int | None
    smallest_margin: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeAnswer:
    """The plan with one thing changed; see ``Alternative``."""

    label: str
    total: int | None
    average_units: int | None
    days: int | None
    mde: float | None
    more: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, what it says in a sentence, and what it is compared with.

    Attributes:
        guardrails: Of the experiment, and
        alternatives: empty unless the comparison was asked for.
    """

    asked: Asked
    plan: Plan
    in_words: str
    guardrails: tuple[GuardrailAnswer, ...] = ()
    alternatives: tuple[AlternativeAnswer, ...] = ()


def planned(
    question: PlanQuestion, *, history: Baseline | None, experiment: Experiment | None = None, compares: bool = False
) -> Planned:
    """Return the plan that answers the question.

    Args:
        question: With numbers within their ranges.
        history: What is known of the metric; a correlation offers CUPED.
        experiment: Whose guardrails are looked at.
        compares: Also work out the guardrails' power and the alternatives, which takes seconds.
    """
    answer = plan_for(question) or Plan()
    full = resolved(question, answer)
    made = Planned(
        asked=_asked(full, follows=question.follows),
        plan=answer,
        in_words=plan_words.trade(full, answer) if answer.total else answer.reason,
    )
    if not compares or not answer.total:
        return made
    return replace(
        made,
        guardrails=_guardrails(experiment, full, answer) if experiment else (),
        alternatives=_alternatives(full, answer, history),
    )


def _asked(question: PlanQuestion, *, follows: str) -> Asked:
    shared = set(Asked.__dataclass_fields__) & set(PlanQuestion.__dataclass_fields__) - {"metric", "follows"}
    return Asked(
        metric=question.metric.key,
        follows=str(follows),
        planned_units=question.typed_units,
        **{name: getattr(question, name) for name in shared},
    )


def _guardrails(experiment: Experiment, question: PlanQuestion, answer: Plan) -> tuple[GuardrailAnswer, ...]:
    found = []
    for item in guardrails_of(experiment, question, question.typed_units or answer.total or 0):
        power: Any = item["answer"]
        known = {name: getattr(power, name, None) for name in ("power", "total", "smallest_margin")}
        found.append(GuardrailAnswer(metric=item["metric"].key, margin=item["margin"], **known))
    return tuple(found)


def _alternatives(question: PlanQuestion, answer: Plan, history: Baseline | None) -> tuple[AlternativeAnswer, ...]:
    return tuple(
        AlternativeAnswer(label=row.label, more=row.more, note=row.note, **asdict(row.sketch))
        for row in alternatives(question, answer, history)
    )
