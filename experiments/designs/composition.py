"""A whole design in one call, for programs: the demo's history, labs, the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from experiments.designs import authoring, reviewing
from experiments.designs.design import RunDesign
from experiments.designs.drafting import VariantInput, current_value, set_variants
from experiments.models import Experiment, Feature, Metric
from experiments.running import lifecycle
from experiments.running.runs import get_run_design
from novarium.kernel.errors import NotFound
from novarium.portal.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A design by keys.

    Attributes:
        oec: Key of the metric that decides.
        guardrails: Relative margin by metric key.
        changes: What each treatment changes of the feature's live value, by the treatment's name.
        planned_units: In all variants together, which share them equally.
        mde: Relative to the baseline.
    """

    key: str
    name: str
    feature: str
    who: str
    what: str
    why: str
    expected_impact: str
    oec: str
    baseline: float
    mde: float
    planned_units: int
    planned_days: int
    changes: Mapping[str, Mapping[str, Any]]
    guardrails: Mapping[str, float] = field(default_factory=dict)


def compose(composition: Composition, *, owner: User) -> None:
    """Create the draft with its variants, guardrails and plan; its team is the feature's.

    Raises:
        NotFound: a key is unknown.
        Invalid: a value breaks a rule; ``fields`` says which.
    """
    feature = Feature.objects.select_related("team").filter(key=composition.feature).first()
    metrics = {metric.key: metric for metric in Metric.objects.all()}
    unknown = {composition.oec, *composition.guardrails} - set(metrics)
    if feature is None or unknown:
        raise NotFound(_("There is no %(key)s.") % {"key": min(unknown, default=composition.feature)})
    hypothesis = authoring.Hypothesis(
        name=composition.name,
        team=feature.team,
        feature=feature,
        who=composition.who,
        what=composition.what,
        why=composition.why,
        expected_impact=composition.expected_impact,
        oec=metrics[composition.oec],
        margins={metrics[key].pk: margin for key, margin in composition.guardrails.items()},
    )
    with transaction.atomic():
        experiment = authoring.create(hypothesis, key=composition.key, owner=owner)
        set_variants(experiment, _arms(composition, current_value(feature)), actor=owner)
        authoring.change_plan(experiment, _plan(composition), actor=owner)


def launch_experiment(key: str, *, actor: User, reviewer: User | None = None, now: datetime | None = None) -> RunDesign:
    """Launch by key; where the team wants a review, ``reviewer`` looks at it first. See ``lifecycle.launch``."""
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        raise NotFound(_("There is no experiment %(key)s.") % {"key": key})
    with transaction.atomic():
        if reviewer is not None and experiment.team.requires_review:
            review = reviewing.request(experiment, actor=actor, now=now)
            reviewing.decide(review, verdict=reviewing.Verdict.APPROVED, reviewer=reviewer, now=now)
        lifecycle.launch(experiment, actor=actor, now=now)
    return get_run_design(key)


def _arms(composition: Composition, today: dict[str, Any]) -> list[VariantInput]:
    values = {_("Control"): today} | {name: {**today, **change} for name, change in composition.changes.items()}
    weight = (Decimal(100) / len(values)).quantize(Decimal("0.001"))
    weights = [100 - weight * (len(values) - 1), *[weight] * (len(values) - 1)]
    keys = ["control", *(f"treatment-{number}" for number in range(1, len(values)))]
    return [
        VariantInput(key=key, name=name, weight=share, value=value)
        for key, (name, value), share in zip(keys, values.items(), weights, strict=True)
    ]


def _plan(composition: Composition) -> authoring.PlanInput:
    return authoring.PlanInput(
        baseline=composition.baseline,
        baseline_deviation=None,
        daily_units=composition.planned_units // composition.planned_days,
        mde=composition.mde,
        alpha=0.05,
        power=0.8,
        coverage=1.0,
        planned_units=composition.planned_units,
        planned_days=composition.planned_days,
    )
