"""The tables of features, metrics, experiments, exposures and events."""

from experiments.models.experiment import Experiment, Guardrail, Phase, Run, Variant
from experiments.models.feature import DefinitionVersion, Feature, FeatureRevision
from experiments.models.intake import Event, Exposure, ReceivedEventId, RejectedEvent
from experiments.models.metric import Metric, MetricVersion
from experiments.models.traffic import Holdout, Layer

__all__ = [
    "DefinitionVersion",
    "Event",
    "Experiment",
    "Exposure",
    "Feature",
    "FeatureRevision",
    "Guardrail",
    "Holdout",
    "Layer",
    "Metric",
    "MetricVersion",
    "Phase",
    "ReceivedEventId",
    "RejectedEvent",
    "Run",
    "Variant",
]
