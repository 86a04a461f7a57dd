"""The third step of the builder: which units take part, and when. Times are of the reporting zone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.allocation.traffic import TrafficInput, traffic_of
from experiments.assignment.bucketing import BUCKETS
from experiments.designs.design import RampStep
from experiments.designs.drafting import MAX_RAMP_HOURS, MAX_RAMP_STEPS
from experiments.forms.fields import ShareField
from experiments.models import Experiment, Layer

SPARE_STEPS = 2


class MomentField(forms.DateTimeField):
    """A date and time of the reporting zone, typed with the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(widget=widget, input_formats=formats, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return a stored moment in the reporting zone."""
        return timezone.localtime(value).replace(tzinfo=None) if hasattr(value, "tzinfo") and value.tzinfo else value


class TrafficForm(forms.Form):
    """Layer, coverage, holdout and schedule; the ramp's steps are rows of their own."""

    layer = forms.ModelChoiceField(
        label=_("Layer"),
        queryset=Layer.objects.all(),
        required=False,
        empty_label=_("None: all units"),
        help_text=_("Experiments in one layer never share a unit."),
    )
    layer_share = ShareField(label=_("Share of the layer"), required=False)
    layer_start = ShareField(
        label=_("Start in the layer"), required=False, help_text=_("Left empty, the first free slot is taken.")
    )
    coverage = ShareField(label=_("Coverage"), help_text=_("Share of the chosen units who take part in the end."))
    keeps_holdout = forms.BooleanField(
        label=_("Leave out the global holdout"),
        required=False,
        help_text=_("Its units see no experiment, so that all changes together can be measured."),
    )
    ramp_automatic = forms.BooleanField(
        label=_("Go on by itself when a step's hours are over and all checks pass"), required=False
    )
    starts_at = MomentField(label=_("Start"))
    ends_at = MomentField(label=_("End"))

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        super().__init__(data, initial=_initial(experiment))

    def traffic(self, ramp: tuple[RampStep, ...]) -> TrafficInput:
        """Return what was typed, with the ramp."""
        clean = dict(self.cleaned_data)
        start = clean.pop("layer_start")
        has_layer = clean["layer"] is not None
        return TrafficInput(
            **{**clean, "layer_share": clean["layer_share"] if has_layer else None},
            layer_start=round(start * BUCKETS) if has_layer and start is not None else None,
            ramp=ramp,
        )


class StepForm(forms.Form):
    """One step of the ramp; an empty row is none."""

    coverage = ShareField(label=_("Share of units"), required=False)
    hours = forms.FloatField(
        label=_("Hours"),
        required=False,
        max_value=MAX_RAMP_HOURS,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    def clean(self) -> None:
        """Refuse half a step."""
        super().clean()
        coverage, hours = self.cleaned_data.get("coverage"), self.cleaned_data.get("hours")
        if coverage is not None and hours is None and "hours" not in self.errors:
            self.add_error("hours", gettext("Say for how long it is held."))
        if hours is not None and coverage is None and "coverage" not in self.errors:
            self.add_error("coverage", gettext("Say which share of the units it lets in, or clear the hours."))


class BaseSteps(forms.BaseFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """The steps together."""

    def steps(self) -> tuple[RampStep, ...]:
        """Return the steps that were typed, in their order."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("coverage") is not None]
        return tuple(RampStep(coverage=row["coverage"], hours=row["hours"]) for row in rows)


StepRows = forms.formset_factory(
    StepForm, formset=BaseSteps, extra=SPARE_STEPS, max_num=MAX_RAMP_STEPS, validate_max=True, absolute_max=40
)


def step_rows(data: Any = None, *, ramp: tuple[RampStep, ...] = ()) -> BaseSteps:
    """Return the ramp's rows, bound to what was sent or filled from a ramp."""
    return cast(BaseSteps, StepRows(data, initial=[asdict(step) for step in ramp], prefix="steps"))


def _initial(experiment: Experiment) -> dict[str, Any]:
    traffic = traffic_of(experiment)
    initial = {name: getattr(traffic, name) for name in TrafficForm.base_fields}
    initial["layer"] = experiment.layer_id
    initial["layer_start"] = None if traffic.layer_start is None else traffic.layer_start / BUCKETS
    return initial
