"""Designs kept as templates of a team, and new experiments made from them.

A template keeps the hypothesis's texts, the metrics by key, the plan, the ramp, the audience, the layer (not the slot
in it) and the variants. Numbers and values that belong to the feature (baseline, traffic, the variants' values) are
used only where the new experiment tests the same feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from experiments.designs import authoring
from experiments.designs.authoring import Hypothesis, PlanInput
from experiments.designs.carrying import carry_traffic, traffic_of
from experiments.designs.drafting import VariantInput, current_value, set_variants
from experiments.models import DesignTemplate, Experiment, Feature, Layer, Metric
from novarium.kernel.errors import Invalid, NotFound
from novarium.portal import audit
from novarium.portal.models import User

TEXTS = ("who", "what", "why", "expected_impact")
PLAN = tuple(PlanInput.__dataclass_fields__)
OF_THE_FEATURE = ("baseline", "baseline_deviation", "daily_units", "planned_units", "planned_days", "cuped_correlation")


@dataclass(frozen=True, slots=True)
class Started:
    """A draft made from a template, and the keys of what is no longer there to be used."""

    experiment: Experiment
    missing: tuple[str, ...]


def keep(experiment: Experiment, *, name: str, description: str, actor: User) -> DesignTemplate:
    """Keep the experiment's design as a template of its team.

    Raises:
        Invalid: the team has a template of this name.
    """
    try:
        with transaction.atomic():
            template = DesignTemplate.objects.create(
                team=experiment.team,
                name=name,
                description=description,
                content=content_of(experiment),
                created_by=actor,
            )
            _record(template, "template.create", actor=actor, after=_summary(template))
    except IntegrityError as error:
        if "template_name_once_per_team" in str(error):
            sentence = _("The team has a template of this name. Choose another name.")
            raise Invalid(_("This name is taken."), fields={"name": [sentence]}) from error
        raise
    return template


def delete(template: DesignTemplate, *, actor: User) -> None:
    """Delete a template; experiments made from it stay.

    Raises:
        NotFound: somebody else was first.
    """
    with transaction.atomic():
        locked = DesignTemplate.objects.select_for_update().filter(pk=template.pk).first()
        if locked is None:
            raise NotFound(_("There is no such template; it may have been deleted."))
        _record(locked, "template.delete", actor=actor, before=_summary(locked))
        locked.delete()


def start(template: DesignTemplate, *, feature: Feature, name: str, owner: User) -> Started:
    """Return a new draft made from the template.

    Raises:
        Invalid: the feature is another team's.
    """
    kept: dict[str, Any] = template.content
    same_feature = kept["feature"] == feature.key
    metrics = {metric.key: metric for metric in Metric.objects.filter(key__in=_metric_keys(kept))}
    layer_key = kept["traffic"]["layer"]
    layer = Layer.objects.filter(key=layer_key).first() if layer_key else None
    hypothesis = Hypothesis(
        name=name,
        team=template.team,
        feature=feature,
        **{text: kept[text] for text in TEXTS},
        oec=metrics.get(kept["oec"]),
        margins={metrics[key].pk: margin for key, margin in kept["guardrails"].items() if key in metrics},
    )
    with transaction.atomic():
        key = authoring.key_for(name, fallback=feature.key)
        experiment = authoring.create(hypothesis, key=key, owner=owner)
        _arrange(experiment, kept["variants"], same_feature=same_feature, owner=owner)
        authoring.change_plan(experiment, _plan(kept["plan"], same_feature=same_feature), actor=owner)
        carry_traffic(experiment, {**kept["traffic"], "layer": layer}, actor=owner)
        _record(template, "template.use", actor=owner, after={"experiment": experiment.key})
    missing = [key for key in _metric_keys(kept) if key not in metrics]
    missing += [layer_key] if layer_key and layer is None else []
    experiment.refresh_from_db()
    return Started(experiment, tuple(missing))


def content_of(experiment: Experiment) -> dict[str, Any]:
    """Return what a template keeps of a design, as JSON values."""
    return {
        "feature": experiment.feature.key,
        **{name: getattr(experiment, name) for name in TEXTS},
        "oec": experiment.oec.key if experiment.oec else None,
        "guardrails": dict(experiment.guardrails.values_list("metric__key", "margin")),
        "plan": {name: getattr(experiment, name) for name in PLAN},
        "traffic": {**traffic_of(experiment), "layer": experiment.layer.key if experiment.layer else None},
        "variants": [
            {"key": arm.key, "name": arm.name, "weight": str(arm.weight), "value": arm.value}
            for arm in experiment.variants.order_by("position")
        ],
    }


def _arrange(experiment: Experiment, arms: list[dict[str, Any]], *, same_feature: bool, owner: User) -> None:
    """Give the draft the template's arms; values that the feature cannot take any more are those of today."""
    if len(arms) < 2:
        return
    today = current_value(experiment.feature)

    def inputs(*, kept: bool) -> list[VariantInput]:
        return [
            VariantInput(
                key=arm["key"],
                name=arm["name"],
                weight=Decimal(arm["weight"]),
                value=arm["value"] if kept else today,
            )
            for arm in arms
        ]

    try:
        set_variants(experiment, inputs(kept=same_feature), actor=owner)
    except Invalid:
        set_variants(experiment, inputs(kept=False), actor=owner)


def _plan(kept: Mapping[str, Any], *, same_feature: bool) -> PlanInput:
    values = {name: kept[name] for name in PLAN if name in kept}
    if not same_feature:
        values |= dict.fromkeys(OF_THE_FEATURE)
    return PlanInput(**values)


def _metric_keys(kept: Mapping[str, Any]) -> list[str]:
    return [key for key in (kept["oec"], *kept["guardrails"]) if key]


def _summary(template: DesignTemplate) -> dict[str, Any]:
    return {"name": template.name, "description": template.description, "content": template.content}


def _record(template: DesignTemplate, action: str, *, actor: User, before: Any = None, after: Any = None) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="template",
        object_key=template.name,
        team_id=template.team_id,
        before=before,
        after=after,
    )
