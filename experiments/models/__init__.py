"""The tables of features, metrics, experiments, exposures and events."""

from experiments.models.crm import CrmList, CrmMember, KeptMembership
from experiments.models.discussion import Comment, Watch
from experiments.models.event_type import EventType, EventTypeVersion
from experiments.models.experiment import Experiment, Guardrail, Phase, Run, Variant
from experiments.models.feature import DefinitionVersion, Feature, FeatureRevision
from experiments.models.intake import Event, Exposure, ReceivedEventId, RejectedEvent
from experiments.models.metric import Metric, MetricVersion
from experiments.models.review import Announcement, Review, SeenPreview
from experiments.models.template import DesignTemplate
from experiments.models.traffic import Holdout, Layer
from experiments.models.unit import Unit

__all__ = [
    "Announcement",
    "Comment",
    "CrmList",
    "CrmMember",
    "DefinitionVersion",
    "DesignTemplate",
    "Event",
    "EventType",
    "EventTypeVersion",
    "Experiment",
    "Exposure",
    "Feature",
    "FeatureRevision",
    "Guardrail",
    "Holdout",
    "KeptMembership",
    "Layer",
    "Metric",
    "MetricVersion",
    "Phase",
    "ReceivedEventId",
    "RejectedEvent",
    "Review",
    "Run",
    "SeenPreview",
    "Unit",
    "Variant",
    "Watch",
]
