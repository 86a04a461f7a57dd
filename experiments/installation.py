"""Install the catalogue: features with their first revision, metrics and events; safe to repeat."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from experiments.assignment import definitions
from experiments.catalogue.external import EXTERNAL_FEATURES
from experiments.catalogue.features import FEATURES, FeatureSeed
from experiments.catalogue.metrics import METRICS, MetricSeed
from experiments.events.event_types import install_event_types
from experiments.features import parameters
from experiments.metrics.metric_authoring import add_version
from experiments.models import Feature, FeatureRevision, Metric
from novarium.portal.models import Team


def install_catalogue(*, team: Team) -> None:
    """Create what is missing of the shop's features, metrics and events, owned by the team; change nothing else."""
    with transaction.atomic():
        for feature in (*FEATURES, *EXTERNAL_FEATURES):
            _install_feature(feature, team)
        for metric in METRICS:
            _install_metric(metric, team)
        install_event_types(team=team)
        definitions.changed()


def _install_feature(seed: FeatureSeed, team: Team) -> None:
    plain = asdict(seed)
    plain["parameters"] = list(plain["parameters"])
    feature, created = Feature.objects.get_or_create(key=plain.pop("key"), defaults={**plain, "team": team})
    if created:
        FeatureRevision.objects.create(
            feature=feature,
            number=1,
            value=parameters.defaults(feature.parameters),
            origin=FeatureRevision.Origin.SEED,
        )


def _install_metric(seed: MetricSeed, team: Team) -> None:
    plain = asdict(seed)
    for side in ("numerator", "denominator"):
        plain[f"{side}_event"], plain[f"{side}_aggregation"] = plain.pop(side)
    metric, created = Metric.objects.get_or_create(key=plain.pop("key"), defaults={**plain, "team": team})
    if created:
        add_version(metric, actor=None)
