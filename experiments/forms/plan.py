"""Step 3 of the builder: baseline, effect and error rates, and with them units and days."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experiments.allocation.expected_traffic import Reach, reach_of
from experiments.designs.authoring import PlanInput
from experiments.designs.design import MetricDefinition
from experiments.designs.drafting import define
from experiments.forms.fields import NumberField, ShareField
from experiments.models import Experiment, Metric
from experiments.planning import plan_questions
from experiments.planning.plan_questions import MOST_WEEKS, SHARES, PlanNumbers
from experiments.planning.planning_hooks import AT_ANY_TIME, ONCE, Baseline, Follows, Plan, PlanQuestion, plan_for

FOLLOWS = (
    (Follows.WEEKS.value, _("The weeks")),
    (Follows.MDE.value, _("The effect")),
    (Follows.POWER.value, _("The power")),
)
LOOKS = (
    (ONCE, _("Once, at the end")),
    (2, _("At 2 looks")),
    (3, _("At 3 looks")),
    (4, _("At 4 looks")),
    (6, _("At 6 looks")),
    (8, _("At 8 looks")),
    (AT_ANY_TIME, _("At any time")),
)
MOST_ARMS = 6


class PlanForm(forms.Form):
    """What the number of units follows from; ``planned_units`` and ``planned_days`` may be typed over.

    ``split`` and ``arms`` only try what other weights would mean: the weights themselves stand on the variants' step.
    """

    baseline = NumberField(label=_("Baseline"), required=False)
    baseline_deviation = NumberField(label=_("Standard deviation"), required=False, min_value=0)
    daily_units = forms.IntegerField(
        label=_("New visitors per day"), required=False, min_value=1, max_value=2_000_000_000
    )
    cuped_correlation = NumberField(
        label=_("CUPED correlation"), required=False, min_value=0, max_value=0.99, help_text=_("Empty without CUPED.")
    )
    follows = forms.ChoiceField(
        label=_("What follows from the other two?"), choices=FOLLOWS, required=False, widget=forms.RadioSelect
    )
    mde = ShareField(label=_("MDE"), help_text=_("The smallest relative change worth finding."))
    weeks = forms.IntegerField(label=_("Weeks"), required=False, min_value=1, max_value=MOST_WEEKS)
    power = ShareField(label=_("Power"), help_text=_("Chance to find the MDE if it is there."))
    alpha = ShareField(label=_("Alpha"), help_text=_("Risk of a false alarm."))
    coverage = ShareField(label=_("Coverage"), help_text=_("Share of all visitors who take part."))
    split = ShareField(
        label=_("Share of the control"),
        required=False,
        min_value=1,
        max_value=99,
        help_text=_("The others share the rest."),
    )
    arms = forms.IntegerField(label=_("Variants with the control"), required=False, min_value=2, max_value=MOST_ARMS)
    looks = forms.TypedChoiceField(
        label=_("The results are read"),
        choices=LOOKS,
        coerce=int,
        empty_value=ONCE,  # type: ignore[arg-type]  # a number, as the choices are
        required=False,
    )
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
        self.experiment = experiment
        self.history = history
        self.actual = plan_questions.weights_of(experiment)
        super().__init__(data, initial=_initial(experiment, history, self.actual))
        oec = experiment.oec
        self.metric: MetricDefinition | None = define(oec) if oec else None
        if oec is None or oec.type in SHARES:
            del self.fields["baseline_deviation"]
        if oec and oec.unit == Metric.Unit.PERCENT:
            self.fields["baseline"] = ShareField(label=_("Baseline"), required=False)
        for name, (low, high, scale) in SLIDERS.items():
            attrs = {"data-slider": scale, "data-low": low, "data-high": high}
            self.fields[name].widget.attrs |= attrs

    @cached_property
    def reach(self) -> Reach:
        """What layer and holdout leave to the draft."""
        return reach_of(self.experiment)

    def clean(self) -> None:
        """Refuse numbers out of their range, and a proportion that is no share."""
        super().clean()
        problems = plan_questions.problems_of(self.cleaned_data, metric_type=self.metric.type if self.metric else None)
        for name, sentences in problems.items():
            self.add_error(name, sentences)

    def _typed(self, name: str) -> Any:
        value = self.cleaned_data.get(name)
        return ONCE if name == "looks" and value is None else value

    @property
    def weights(self) -> tuple[float, ...]:
        """Share of each arm, control first: those of the variants, or what is tried instead."""
        first = self.actual[0] if self.actual else 0.5
        split = self.cleaned_data.get("split") or first
        arms = self.cleaned_data.get("arms") or max(len(self.actual), 2)
        if arms == len(self.actual) and abs(split - first) < WEIGHT_STEP / 2:
            return self.actual
        return (split, *[(1 - split) / (arms - 1)] * (arms - 1))

    @property
    def tries_other_weights(self) -> bool:
        """Whether the plan counts on weights that the variants do not have."""
        return self.is_valid() and self.weights != self.actual

    def question(self) -> PlanQuestion | None:
        """Return what to ask the planner, or None where the baseline or the OEC is missing."""
        clean = self.cleaned_data
        if self.metric is None or clean.get("baseline") is None:
            return None
        typed: dict[str, Any] = {name: clean.get(name) for name in PlanNumbers.__dataclass_fields__}
        numbers = PlanNumbers(**typed | {"looks": self._typed("looks")})
        return plan_questions.ask(
            self.metric,
            numbers,
            weights=self.weights,
            share=self.reach.share,
            ramp=self.experiment.ramp,
            history=self.history,
        )

    def answer(self) -> Plan | None:
        """Return the plan for what was typed; None where it cannot be asked."""
        question = self.question() if self.is_valid() else None
        return plan_for(question) if question else None

    def resolved(self, answer: Plan) -> PlanQuestion | None:
        """Return the question with what followed filled in."""
        question = self.question()
        return plan_questions.resolved(question, answer) if question else None

    def plan_input(self) -> PlanInput:
        """Return what was typed, with the computed units and days where none were typed, and what follows."""
        clean = {"baseline_deviation": None, **self.cleaned_data, "looks": self._typed("looks")}
        follows = clean.get("follows") or Follows.WEEKS
        if clean["planned_units"] is None or clean["planned_days"] is None or follows != Follows.WEEKS:
            answer = self.answer() or Plan()
            clean["planned_units"] = clean["planned_units"] or answer.total
            clean["planned_days"] = clean["planned_days"] or answer.days
            clean |= _followed(answer, follows)
        return PlanInput(**{name: clean[name] for name in PlanInput.__dataclass_fields__})


# Where each slider begins and ends, in the unit of its field; outside of it the number is typed.
SLIDERS: dict[str, tuple[str, str, str]] = {
    "mde": ("0.5", "50", "log"),
    "weeks": ("1", "26", "1"),
    "power": ("50", "99", "1"),
    "alpha": ("0.1", "20", "log"),
    "coverage": ("1", "100", "1"),
    "split": ("5", "95", "1"),
    "arms": ("2", str(MOST_ARMS), "1"),
    "cuped_correlation": ("0", "0.95", "0.01"),
}
WEIGHT_STEP = 0.00001


def _followed(answer: Plan, follows: str) -> dict[str, float]:
    if follows == Follows.MDE and answer.mde is not None:
        return {"mde": round(answer.mde, 4)}
    if follows == Follows.POWER and answer.power is not None:
        return {"power": round(answer.power, 4)}
    return {}


def _initial(experiment: Experiment, history: Baseline | None, actual: tuple[float, ...]) -> dict[str, Any]:
    return plan_questions.numbers_of(experiment, history) | {
        "split": actual[0] if actual else 0.5,
        "arms": max(len(actual), 2),
    }
