"""Step 3 of the builder: baseline, effect and error rates, and with them units and days."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.authoring import PlanInput, plan_problems
from experiments.design import MetricDefinition
from experiments.drafting import define
from experiments.forms.fields import NumberField, ShareField
from experiments.models import Experiment, Metric
from experiments.planning_hooks import Baseline, Plan, PlanQuestion, plan_for


class PlanForm(forms.Form):
    """What the number of units follows from; ``planned_units`` and ``planned_days`` may be typed over."""

    baseline = NumberField(label=_("Baseline"), required=False)
    baseline_deviation = NumberField(label=_("Standard deviation"), required=False, min_value=0)
    daily_units = forms.IntegerField(
        label=_("New visitors per day"), required=False, min_value=1, max_value=2_000_000_000
    )
    mde = ShareField(label=_("MDE"), help_text=_("The smallest relative change worth finding."))
    alpha = ShareField(label=_("Alpha"), help_text=_("Risk of a false alarm."))
    power = ShareField(label=_("Power"), help_text=_("Chance to find the MDE if it is there."))
    coverage = ShareField(label=_("Coverage"), help_text=_("Share of all visitors who take part."))
    planned_units = forms.IntegerField(
        label=_("Planned units"),
        required=False,
        min_value=2,
        max_value=2_000_000_000,
        help_text=_("Left empty, the computed number is taken."),
    )
    planned_days = forms.IntegerField(
        label=_("Planned days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("Left empty, the computed number is taken."),
    )

    def __init__(self, data: Any = None, *, experiment: Experiment, history: Baseline | None = None) -> None:
        super().__init__(data, initial=_initial(experiment, history))
        self.experiment = experiment
        self.history = history
        oec = experiment.oec
        self.metric: MetricDefinition | None = define(oec) if oec else None
        if oec is None or oec.type == Metric.Type.PROPORTION:
            del self.fields["baseline_deviation"]
        if oec and oec.unit == Metric.Unit.PERCENT:
            self.fields["baseline"] = ShareField(label=_("Baseline"), required=False)

    def clean(self) -> None:
        """Refuse numbers out of their range, and a proportion that is no share."""
        super().clean()
        typed: dict[str, Any] = {name: self.cleaned_data.get(name) for name in PlanInput.__dataclass_fields__}
        problems = plan_problems(PlanInput(**typed))
        is_proportion = self.metric is not None and self.metric.type == Metric.Type.PROPORTION
        if is_proportion and typed["baseline"] is not None and not 0 < typed["baseline"] < 1:
            problems["baseline"] = [gettext("A proportion lies between 0% and 100%.")]
        for name, sentences in problems.items():
            self.add_error(name, sentences)

    def question(self) -> PlanQuestion | None:
        """Return what to ask the planner, or None where the baseline or the OEC is missing."""
        clean = self.cleaned_data
        if self.metric is None or clean.get("baseline") is None:
            return None
        arms = self.experiment.variants.order_by("position").values_list("weight", flat=True)
        return PlanQuestion(
            metric=self.metric,
            baseline=clean["baseline"],
            deviation=clean.get("baseline_deviation"),
            mde=clean["mde"],
            alpha=clean["alpha"],
            power=clean["power"],
            weights=tuple(float(weight) / 100 for weight in arms if weight > 0),
            coverage=clean["coverage"],
            daily_units=clean.get("daily_units"),
            new_units=self.history.new_units if self.history else (),
        )

    def answer(self) -> Plan | None:
        """Return the plan for what was typed; None where it cannot be asked."""
        question = self.question() if self.is_valid() else None
        return plan_for(question) if question else None

    def plan_input(self) -> PlanInput:
        """Return what was typed, with the computed units and days where none were typed."""
        clean = {"baseline_deviation": None, **self.cleaned_data}
        if clean["planned_units"] is None or clean["planned_days"] is None:
            answer = self.answer()
            clean["planned_units"] = clean["planned_units"] or (answer.total if answer else None)
            clean["planned_days"] = clean["planned_days"] or (answer.days if answer else None)
        return PlanInput(**clean)


def _initial(experiment: Experiment, history: Baseline | None) -> dict[str, Any]:
    names = PlanInput.__dataclass_fields__
    initial = {name: getattr(experiment, name) for name in names}
    if history and initial["baseline"] is None:
        initial |= {"baseline": history.value, "baseline_deviation": history.deviation}
    if history and initial["daily_units"] is None:
        initial["daily_units"] = history.daily_units or None
    return initial
