"""Draft designs: create, change, check for launch, and read as a frozen design."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from experiments.assignment.bucketing import BUCKETS
from experiments.designs.arms import guardrails_of, variants_of
from experiments.designs.design import (
    Design,
    GuardrailDesign,
    LayerSlot,
    MetricDefinition,
    MetricFilter,
    RampStep,
    VariantDesign,
)
from experiments.features import parameters
from experiments.features.revisions import live
from experiments.models import Experiment, Exposure, Feature, Guardrail, Metric, Variant
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User

MAX_VARIANTS = 6
MAX_RAMP_STEPS = 8
MAX_RAMP_HOURS = 24 * 90
_OUT_OF_THE_WAY = 100  # positions are unique, so arms that change places step aside first


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantInput:
    """One arm as an analyst typed it; ``weight`` in per cent."""

    key: str
    name: str
    weight: Decimal
    value: dict[str, Any]


def define(metric: Metric) -> MetricDefinition:
    """Return a metric's definition as it stands now."""
    return MetricDefinition(
        key=metric.key,
        name=metric.name,
        type=metric.type,
        numerator_event=metric.numerator_event,
        numerator_aggregation=metric.numerator_aggregation,
        denominator_event=metric.denominator_event,
        denominator_aggregation=metric.denominator_aggregation,
        direction=metric.direction,
        unit=metric.unit,
        numerator_property=metric.numerator_property,
        numerator_filters=tuple(MetricFilter(**item) for item in metric.numerator_filters),
        denominator_property=metric.denominator_property,
        denominator_filters=tuple(MetricFilter(**item) for item in metric.denominator_filters),
        window_hours=metric.window_hours,
        cap_value=metric.cap_value,
        cap_percentile=metric.cap_percentile,
        lookback_days=metric.lookback_days,
        quantile=metric.quantile,
        from_day=metric.from_day,
        to_day=metric.to_day,
        version=metric.version,
    )


def read_design(experiment: Experiment) -> Design:
    """Return the experiment's design as it stands now; the OEC and the planned units must be chosen."""
    if experiment.oec is None or experiment.planned_units is None:
        raise Invalid(_("The design is not complete."), fields=problems_of(experiment))
    return Design(
        key=experiment.key,
        name=experiment.name,
        team=experiment.team.key,
        feature=experiment.feature.key,
        surface=experiment.feature.surface,
        who=experiment.who,
        what=experiment.what,
        why=experiment.why,
        expected_impact=experiment.expected_impact,
        oec=define(experiment.oec),
        guardrails=tuple(
            GuardrailDesign(metric=define(item.metric), margin=item.margin) for item in guardrails_of(experiment)
        ),
        variants=tuple(
            VariantDesign(
                id=item.pk,
                key=item.key,
                name=item.name,
                position=item.position,
                weight=float(item.weight) / 100,
                value=item.value,
            )
            for item in variants_of(experiment)
        ),
        baseline=experiment.baseline,
        mde=experiment.mde,
        alpha=experiment.alpha,
        power=experiment.power,
        coverage=experiment.coverage,
        planned_units=experiment.planned_units,
        planned_days=experiment.planned_days,
        seed=experiment.seed,
        run_number=experiment.run_number,
        baseline_deviation=experiment.baseline_deviation,
        daily_units=experiment.daily_units,
        condition=experiment.condition,
        slot=_slot(experiment),
        keeps_holdout=experiment.keeps_holdout,
        ramp=tuple(RampStep(**step) for step in experiment.ramp),
        ramp_automatic=experiment.ramp_automatic,
        looks=experiment.looks,
        cuped_correlation=experiment.cuped_correlation,
    )


def _slot(experiment: Experiment) -> LayerSlot | None:
    if experiment.layer is None or experiment.layer_start is None or experiment.layer_end is None:
        return None
    start, end = experiment.layer_start / BUCKETS, experiment.layer_end / BUCKETS
    return LayerSlot(layer=experiment.layer.key, seed=experiment.layer.seed, start=start, end=end)


def set_variants(experiment: Experiment, inputs: Sequence[VariantInput], *, actor: User | None) -> None:
    """Replace a draft's arms, the first being the control.

    Raises:
        Invalid: ``fields`` names the arm by ``variants.<index>`` or ``weights``.
        Conflict: the design is frozen.
    """
    with transaction.atomic():
        locked = lock_draft(experiment)
        clean = check_variants(locked, inputs)  # somebody may have chosen another feature in the meantime
        before = list(locked.variants.order_by("position").values("key", "name", "weight", "value"))
        _replace_variants(locked, inputs, clean)
        audit.record(
            actor=actor,
            action="experiment.variants",
            object_type="experiment",
            object_key=locked.key,
            team_id=locked.team_id,
            before=[{**row, "weight": str(row["weight"])} for row in before],
            after=[{"key": v.key, "name": v.name, "weight": str(v.weight), "value": v.value} for v in inputs],
        )


def _replace_variants(experiment: Experiment, inputs: Sequence[VariantInput], values: Sequence[dict[str, Any]]) -> None:
    """Write the arms in place: an arm that keeps its key keeps its row, since an earlier run's exposures name it."""
    arms = experiment.variants.all()
    removed = arms.exclude(key__in=[item.key for item in inputs])
    seen = Exposure.objects.filter(variant__in=removed).select_related("variant").first()
    if seen:
        sentence = _("%(name)s was seen in an earlier run: give it 0%%, or clone the experiment.")
        sentence %= {"name": seen.variant.name}
        raise Invalid(sentence, fields={"variants": [sentence]})
    removed.delete()
    arms.update(position=F("position") + _OUT_OF_THE_WAY)
    kept = {arm.key: arm for arm in arms.all()}
    for position, (item, value) in enumerate(zip(inputs, values, strict=True)):
        arm = kept.get(item.key) or Variant(experiment=experiment, key=item.key)
        arm.position, arm.name, arm.weight, arm.value = position, item.name, item.weight, value
        arm.save()


def set_guardrails(experiment: Experiment, margins: dict[int, float], *, actor: User | None) -> None:
    """Replace a draft's guardrails: relative margin by metric id.

    Raises:
        Invalid: a margin is outside 0..1 or the OEC is its own guardrail.
        Conflict: the design is frozen.
    """
    if any(not 0 < margin < 1 for margin in margins.values()):
        raise Invalid(_("A margin is a share between 0% and 100%."), fields={"guardrails": [_("Check the margins.")]})
    with transaction.atomic():
        locked = lock_draft(experiment)
        if locked.oec_id in margins:
            raise Invalid(
                _("The OEC cannot be its own guardrail."), fields={"guardrails": [_("Choose another metric.")]}
            )
        before = {item.metric.key: item.margin for item in locked.guardrails.select_related("metric")}
        locked.guardrails.all().delete()
        Guardrail.objects.bulk_create(
            Guardrail(experiment=locked, metric_id=metric_id, margin=margin) for metric_id, margin in margins.items()
        )
        after = {item.metric.key: item.margin for item in locked.guardrails.select_related("metric")}
        audit.record(
            actor=actor,
            action="experiment.guardrails",
            object_type="experiment",
            object_key=locked.key,
            team_id=locked.team_id,
            before=before,
            after=after,
        )


def lock_draft(experiment: Experiment) -> Experiment:
    """Return the experiment locked for change, inside a transaction.

    Raises:
        Conflict: it was launched; its design is frozen.
    """
    locked = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if locked.status != Experiment.Status.DRAFT:
        raise Conflict(_("The design is frozen since the launch. Reset or clone the experiment to change it."))
    return locked


def problems_of(experiment: Experiment) -> dict[str, list[str]]:
    """Return what keeps a draft from being launched: sentences by field; empty when nothing does."""
    problems: dict[str, list[str]] = {}
    for name, sentence in (
        ("who", _("Say whose behaviour should change.")),
        ("what", _("Say what you change.")),
        ("why", _("Say why it should work.")),
        ("oec", _("Choose the metric that decides.")),
        ("planned_units", _("Plan the number of units.")),
    ):
        if not getattr(experiment, name):
            problems[name] = [sentence]
    variants = variants_of(experiment)
    if len(variants) < 2:
        problems["variants"] = [_("An experiment needs at least two variants.")]
    elif sum(variant.weight for variant in variants) != 100:
        problems["weights"] = [_("The weights must sum to 100%.")]
    elif sum(variant.weight > 0 for variant in variants) < 2:
        problems["weights"] = [_("At least two variants need a weight above zero.")]
    elif all(variant.value == variants[0].value for variant in variants):
        problems["variants"] = [_("All variants are the same: change a parameter of one of them.")]
    if experiment.layer_id is not None and experiment.layer_start is None:
        problems["layer_start"] = [_("Choose the experiment's slot in the layer.")]
    ramp = ramp_problem(experiment.ramp, coverage=experiment.coverage)
    return {**problems, "ramp": [ramp]} if ramp else problems


def ramp_problem(steps: Sequence[Mapping[str, float]], *, coverage: float) -> str:
    """Return what is wrong with a ramp, or an empty text: its steps rise, stay below the coverage, and last."""
    shares = [step["coverage"] for step in steps]
    if len(shares) > MAX_RAMP_STEPS:
        return _("At most %(n)d steps.") % {"n": MAX_RAMP_STEPS}
    if any(not 0.0001 <= share < coverage for share in shares):
        return _("Each step of the ramp is above 0% and below the coverage of the whole experiment.")
    if any(later <= earlier for earlier, later in itertools.pairwise(shares)):
        return _("Each step of the ramp is larger than the one before.")
    if any(not 0 < step["hours"] <= MAX_RAMP_HOURS for step in steps):
        return _("Each step is held for more than 0 and at most %(n)d hours.") % {"n": MAX_RAMP_HOURS}
    return ""


def check_variants(experiment: Experiment, inputs: Sequence[VariantInput]) -> list[dict[str, Any]]:
    """Return the arms' values with exactly the declared parameters.

    Raises:
        Invalid: ``fields`` names the arm by ``variants.<index>`` or ``weights``.
    """
    problems = _check_arms(inputs)
    clean: list[dict[str, Any]] = []
    for index, item in enumerate(inputs):
        try:
            clean.append(parameters.validate(item.value, declared=experiment.feature.parameters))
        except Invalid as error:
            problems |= {f"variants.{index}.{name}": sentences for name, sentences in error.fields.items()}
    if problems:
        raise Invalid(_("Some variants are not right."), fields=problems)
    return clean


def _check_arms(inputs: Sequence[VariantInput]) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not 2 <= len(inputs) <= MAX_VARIANTS:
        problems["variants"] = [_("From two to %(n)d variants.") % {"n": MAX_VARIANTS}]
    if len({item.key for item in inputs}) != len(inputs):
        problems["variants"] = [_("Two variants have the same key.")]
    if any(not 0 <= item.weight <= 100 for item in inputs):
        problems["weights"] = [_("A weight is from 0% to 100%.")]
    elif sum(item.weight for item in inputs) != 100:
        problems["weights"] = [_("The weights must sum to 100%.")]
    return problems


def current_value(feature: Feature) -> dict[str, Any]:
    """Return the feature's live default value: what a control starts from."""
    return dict(live(feature).value)
