"""A whole draft, or a change of one, from one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from experiments.allocation import traffic
from experiments.audiences.audience import set_audience
from experiments.designs import authoring
from experiments.designs.design import RampStep
from experiments.designs.drafting import VariantInput, set_variants
from experiments.models import Experiment, Feature, Layer, Metric
from novarium.kernel.errors import Invalid
from novarium.portal.models import Team, User

WORDS = ("name", "who", "what", "why", "expected_impact")
TRAFFIC = tuple(name for name in traffic.TrafficInput.__dataclass_fields__ if name != "coverage")  # set with the plan
PLAN = tuple(authoring.PlanInput.__dataclass_fields__)


def feature_named(key: str) -> Feature:
    """Return the feature.

    Raises:
        Invalid: there is none.
    """
    feature = Feature.objects.select_related("team").filter(key=key).first()
    if feature is None:
        raise Invalid(_("There is no such feature."), fields={"feature": [_("There is no such feature.")]})
    return feature


def team_named(key: str) -> Team:
    """Return the team.

    Raises:
        Invalid: there is none.
    """
    team = Team.objects.filter(key=key).first()
    if team is None:
        raise Invalid(_("There is no such team."), fields={"team": [_("There is no such team.")]})
    return team


def create(given: Mapping[str, Any], *, feature: Feature, owner: User) -> Experiment:
    """Create the draft with everything that was given, or nothing.

    Raises:
        Invalid: a key is unknown or taken, or a value breaks a rule; ``fields`` says which.
    """
    hypothesis = authoring.Hypothesis(
        team=feature.team,
        feature=feature,
        oec=_metric(given["oec"], "oec") if given["oec"] else None,
        margins=_margins(given["guardrails"]),
        **{name: given[name] for name in WORDS},
    )
    plan = authoring.PlanInput(**{name: given[name] for name in PLAN})
    with transaction.atomic():
        experiment = authoring.create(hypothesis, key=given["key"], owner=owner)
        if given["variants"]:
            set_variants(experiment, [VariantInput(**arm) for arm in given["variants"]], actor=owner)
        authoring.change_plan(experiment, plan, actor=owner)
        _set_units(experiment, given, actor=owner)
    return experiment


def change(experiment: Experiment, given: Mapping[str, Any], *, actor: User) -> None:
    """Change the parts of a draft that were given, all of them or none; call it with the experiment locked.

    Raises:
        Invalid: a key is unknown, or a value breaks a rule; ``fields`` says which.
        Conflict: the design is frozen.
    """
    with transaction.atomic():
        if not given.keys().isdisjoint({*WORDS, "feature", "oec", "guardrails"}):
            authoring.change_hypothesis(experiment, _changed_hypothesis(experiment, given), actor=actor)
            experiment.refresh_from_db()
        if "variants" in given:
            set_variants(experiment, [VariantInput(**arm) for arm in given["variants"]], actor=actor)
        if not given.keys().isdisjoint(PLAN):
            plan = authoring.PlanInput(**{name: given.get(name, getattr(experiment, name)) for name in PLAN})
            authoring.change_plan(experiment, plan, actor=actor)
        _set_units(experiment, given, actor=actor)


def _set_units(experiment: Experiment, given: Mapping[str, Any], *, actor: User) -> None:
    """Set which units take part: by their attributes, and by layer, holdout, ramp and schedule."""
    if "condition" in given:
        set_audience(experiment, given["condition"], actor=actor)
    wanted = {name: given[name] for name in TRAFFIC if name in given}
    if not wanted:
        return
    experiment.refresh_from_db()
    if "layer" in wanted:
        wanted["layer"] = _layer(wanted["layer"]) if wanted["layer"] else None
    if "ramp" in wanted:
        wanted["ramp"] = tuple(RampStep(**step) for step in wanted["ramp"])
    traffic.set_traffic(experiment, replace(traffic.traffic_of(experiment), **wanted), actor=actor)


def _layer(key: str) -> Layer:
    layer = Layer.objects.filter(key=key).first()
    if layer is None:
        raise Invalid(_("There is no such layer."), fields={"layer": [_("There is no such layer.")]})
    return layer


def _changed_hypothesis(experiment: Experiment, given: Mapping[str, Any]) -> authoring.Hypothesis:
    oec, margins = experiment.oec, dict(experiment.guardrails.values_list("metric_id", "margin"))
    if "oec" in given:
        oec = _metric(given["oec"], "oec") if given["oec"] else None
    if "guardrails" in given:
        margins = _margins(given["guardrails"])
    return authoring.Hypothesis(
        team=experiment.team,
        feature=feature_named(given["feature"]) if "feature" in given else experiment.feature,
        oec=oec,
        margins=margins,
        **{name: given.get(name, getattr(experiment, name)) for name in WORDS},
    )


def _margins(given: Mapping[str, float]) -> dict[int, float]:
    return {_metric(key, f"guardrails.{key}").pk: margin for key, margin in given.items()}


def _metric(key: str, field: str) -> Metric:
    metric = Metric.objects.filter(key=key).first()
    if metric is None:
        raise Invalid(_("There is no such metric."), fields={field: [_("There is no such metric.")]})
    return metric
