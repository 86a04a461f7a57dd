"""What the planning page shows: the form with the history behind it, the moving estimate, and what is beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.designs import arms
from experiments.designs.drafting import define
from experiments.forms.plan import PlanForm
from experiments.models import Experiment
from experiments.planning import plan_charts, plan_words
from experiments.planning.alternatives import alternatives
from experiments.planning.planning_hooks import (
    Baseline,
    GuardrailPower,
    GuardrailQuestion,
    Plan,
    PlanQuestion,
    baseline_for,
    guardrails_for,
)

USUAL_POWER = 0.8
WEEKS_SHOWN = (1, 2, 3, 4, 6, 8, 10, 12)


def as_saved(experiment: Experiment) -> PlanForm:
    """Return the form as it was saved; units and days that were computed then stay open to be computed again."""
    arms.fetch_arms(experiment)
    history = history_of(experiment)
    unsent = PlanForm(experiment=experiment, history=history)
    data = {bound.html_name: bound.value() for bound in unsent}
    form = PlanForm(data, experiment=experiment, history=history)
    answer = form.answer()
    if answer and (answer.total, answer.days) == (experiment.planned_units, experiment.planned_days):
        form = PlanForm(data | {"planned_units": None, "planned_days": None}, experiment=experiment, history=history)
    return form


def typed(experiment: Experiment, data: Mapping[str, Any]) -> PlanForm:
    """Return the form with what was typed."""
    arms.fetch_arms(experiment)
    return PlanForm(data, experiment=experiment, history=history_of(experiment))


def history_of(experiment: Experiment) -> Baseline | None:
    """Return the OEC as history shows it on the feature's page, among the experiment's audience."""
    if experiment.oec is None:
        return None
    return baseline_for(
        define(experiment.oec), surface=experiment.feature.surface, condition=experiment.condition or None
    )


def _typed_days(form: PlanForm, answer: Plan) -> list[plan_words.Remark]:
    days, units = form.cleaned_data.get("planned_days"), form.cleaned_data.get("planned_units") or answer.total
    remark = plan_words.typed_days_remark(answer, units=units, days=days) if days and units else None
    return [remark] if remark else []


def estimate(experiment: Experiment, form: PlanForm) -> dict[str, Any]:
    """Return what moves with every number: units, days, power, the sentence and the curves."""
    answer = form.answer()
    shown: dict[str, Any] = {"experiment": experiment, "plan": answer, "checked": form}
    if answer is None or not answer.total or answer.mde is None:
        return shown
    question = form.resolved(answer)
    if question is None:
        return shown
    return shown | {
        "question": question,
        "per_arm": _per_arm(experiment, form, question, answer),
        "trade": plan_words.trade(question, answer),
        "in_people": plan_words.in_people(question, answer.mde),
        "reading": plan_words.reading(question, answer),
        "remarks": [
            *_typed_days(form, answer),
            *plan_words.remarks(question, answer, form.history),
            *plan_words.traffic_remarks(question, form.reach),
        ],
        "figures": _figures(question, answer),
        "follows": form.cleaned_data.get("follows") or "weeks",
        "typed_units": question.typed_units,
    }


def comparison(experiment: Experiment, form: PlanForm) -> dict[str, Any]:
    """Return what takes longer: the guardrails' power, the weeks as a table, and the alternatives."""
    answer = form.answer()
    question = form.resolved(answer) if answer and answer.total else None
    if answer is None or question is None or not answer.total:
        return {"experiment": experiment}
    guardrails = guardrails_of(experiment, question, question.typed_units or answer.total)
    return {
        "experiment": experiment,
        "plan": answer,
        "question": question,
        "guardrails": guardrails,
        "has_weak_guardrail": any(item["is_weak"] for item in guardrails),
        "by_week": [(point.day // 7, point) for point in answer.daily if point.day % 7 == 0 and _is_shown(point.day)],
        "effects": answer.curve[::5],
        "rows": alternatives(question, answer, form.history),
    }


def _is_shown(day: int) -> bool:
    return day // 7 in WEEKS_SHOWN


def _figures(question: PlanQuestion, answer: Plan) -> dict[str, Any]:
    figures = {"size": plan_charts.size_figure(answer)}
    if answer.daily:
        figures |= {
            "found": plan_charts.found_figure(answer),
            "power": plan_charts.power_figure(answer, target=question.power),
            "arrival": plan_charts.arrival_figure(answer),
        }
    return figures


def _per_arm(experiment: Experiment, form: PlanForm, question: PlanQuestion, answer: Plan) -> list[dict[str, Any]]:
    own = [arm.name for arm in arms.variants_of(experiment) if arm.weight > 0]
    names = own if len(own) == len(question.weights) else [""] * len(question.weights)
    return [
        {"name": name, "weight": weight, "units": units}
        for name, weight, units in zip(names, question.weights, answer.per_arm, strict=True)
    ]


def guardrails_of(experiment: Experiment, question: PlanQuestion, total: int) -> list[dict[str, Any]]:
    """Return what so many units say about each guardrail of the experiment, and whether that is too little."""
    found: list[dict[str, Any]] = []
    for guardrail in arms.guardrails_of(experiment):
        metric = define(guardrail.metric)
        history = baseline_for(metric, surface=experiment.feature.surface, condition=experiment.condition or None)
        power: GuardrailPower | None = None
        if history:
            asked = GuardrailQuestion(
                metric=metric, margin=guardrail.margin, baseline=history.value, deviation=history.deviation
            )
            power = guardrails_for(question, [asked], total=total)[0]
        is_weak = power is not None and (power.power or 0) < USUAL_POWER
        found.append({"metric": metric, "margin": guardrail.margin, "answer": power, "is_weak": is_weak})
    return found
