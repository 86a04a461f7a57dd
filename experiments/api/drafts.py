"""A whole draft from one request."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from experiments import authoring
from experiments.drafting import VariantInput, set_variants
from experiments.models import Experiment, Feature, Metric
from novarium.kernel.errors import Invalid
from novarium.portal.models import User


def feature_named(key: str) -> Feature:
    """Return the feature.

    Raises:
        Invalid: there is none.
    """
    feature = Feature.objects.select_related("team").filter(key=key).first()
    if feature is None:
        raise Invalid(_("There is no such feature."), fields={"feature": [_("There is no such feature.")]})
    return feature


def create(given: dict[str, Any], *, feature: Feature, owner: User) -> Experiment:
    """Create the draft with everything that was given, or nothing.

    Raises:
        Invalid: a key is unknown or taken, or a value breaks a rule; ``fields`` says which.
    """
    hypothesis = authoring.Hypothesis(
        team=feature.team,
        feature=feature,
        oec=_metric(given["oec"], "oec") if given["oec"] else None,
        margins={_metric(key, f"guardrails.{key}").pk: margin for key, margin in given["guardrails"].items()},
        **{name: given[name] for name in ("name", "who", "what", "why", "expected_impact")},
    )
    plan = authoring.PlanInput(**{name: given[name] for name in authoring.PlanInput.__dataclass_fields__})
    with transaction.atomic():
        experiment = authoring.create(hypothesis, key=given["key"], owner=owner)
        if given["variants"]:
            set_variants(experiment, [VariantInput(**arm) for arm in given["variants"]], actor=owner)
        authoring.change_plan(experiment, plan, actor=owner)
    return experiment


def _metric(key: str, field: str) -> Metric:
    metric = Metric.objects.filter(key=key).first()
    if metric is None:
        raise Invalid(_("There is no such metric."), fields={field: [_("There is no such metric.")]})
    return metric
