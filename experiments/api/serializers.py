"""How experiments, features, metrics and events look to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers

from experiments.metrics.metric_authoring import MetricInput
from experiments.models import (
    Comment,
    EventType,
    Experiment,
    Feature,
    FeatureRevision,
    Guardrail,
    Layer,
    Metric,
    Phase,
    RejectedEvent,
    Review,
    Variant,
)

if TYPE_CHECKING:
    ExperimentBase = serializers.ModelSerializer[Experiment]
    FeatureBase = serializers.ModelSerializer[Feature]
    GuardrailBase = serializers.ModelSerializer[Guardrail]
    MetricBase = serializers.ModelSerializer[Metric]
    VariantBase = serializers.ModelSerializer[Variant]
    RevisionBase = serializers.ModelSerializer[FeatureRevision]
    LayerBase = serializers.ModelSerializer[Layer]
    PlainSerializer = serializers.Serializer[Any]
    PhaseBase = serializers.ModelSerializer[Phase]
    ReviewBase = serializers.ModelSerializer[Review]
    CommentBase = serializers.ModelSerializer[Comment]
    EventTypeBase = serializers.ModelSerializer[EventType]
    RejectedBase = serializers.ModelSerializer[RejectedEvent]
else:
    ExperimentBase = FeatureBase = GuardrailBase = MetricBase = VariantBase = serializers.ModelSerializer
    RevisionBase = LayerBase = PhaseBase = ReviewBase = CommentBase = serializers.ModelSerializer
    EventTypeBase = RejectedBase = serializers.ModelSerializer
    PlainSerializer = serializers.Serializer


# All that an analyst types of a metric, in the order of its definition.
DEFINED = tuple(name for name in MetricInput.__dataclass_fields__ if name != "owner_id")


class MetricSerializer(MetricBase):
    """A metric's definition, in its newest version."""

    team = serializers.CharField(source="team.key", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True, default=None)
    denominator_aggregation = serializers.CharField(read_only=True, help_text="Empty unless it divides.")

    class Meta:
        model = Metric
        fields: ClassVar = ["key", *DEFINED, "team", "owner", "version"]
        read_only_fields = fields


class TargetSerializer(PlainSerializer):
    """A value for the units that meet a condition."""

    condition = serializers.DictField()
    value = serializers.DictField()
    note = serializers.CharField()


class FeatureSerializer(FeatureBase):
    """A feature with its live value, its switch and its targeted values in the order in which they are tried."""

    team = serializers.CharField(source="team.key", read_only=True)
    revision = serializers.IntegerField(source="live_number", read_only=True)
    value = serializers.DictField(source="live_value", read_only=True)
    parameters = serializers.ListField(child=serializers.DictField(), read_only=True)
    targets = TargetSerializer(many=True, read_only=True)

    class Meta:
        model = Feature
        fields: ClassVar = [
            "key",
            "name",
            "surface",
            "component",
            "description",
            "team",
            "parameters",
            "value_type",
            "revision",
            "value",
            "enabled",
            "targets",
        ]
        read_only_fields = fields


class RevisionSerializer(RevisionBase):
    """A default value that a feature has or had."""

    value = serializers.DictField(read_only=True)
    experiment = serializers.CharField(source="experiment.key", read_only=True, allow_null=True, default=None)
    author = serializers.CharField(source="author.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = FeatureRevision
        fields: ClassVar = ["number", "value", "origin", "reinstates", "experiment", "author", "note", "created_at"]
        read_only_fields = fields


class PhaseSerializer(PhaseBase):
    """A stretch of a run, until the next one starts or the run stops; shares in 0..1."""

    weights = serializers.ListField(child=serializers.FloatField(), read_only=True)
    actor = serializers.CharField(source="actor.username", read_only=True, allow_null=True, default=None)
    run = serializers.IntegerField(source="run.number", read_only=True)

    class Meta:
        model = Phase
        fields: ClassVar = ["run", "number", "kind", "paused", "coverage", "weights", "started_at", "actor", "note"]
        read_only_fields = fields


class ReviewSerializer(ReviewBase):
    """A review of a design."""

    verdict = serializers.CharField(
        read_only=True, help_text="approved, changes_requested, superseded or withdrawn; empty while it waits."
    )
    requested_by = serializers.CharField(source="requested_by.username", read_only=True)
    reviewer = serializers.CharField(source="reviewer.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Review
        fields: ClassVar = [
            *("id", "run_number", "verdict", "requested_by", "requested_at", "note", "reviewer", "reason", "decided_at")
        ]
        read_only_fields = fields


class CommentSerializer(CommentBase):
    """What somebody said about an experiment."""

    author = serializers.CharField(source="author.username", read_only=True)

    class Meta:
        model = Comment
        fields: ClassVar = ["id", "author", "text", "version", "created_at", "edited_at"]
        read_only_fields = fields


class EventTypeSerializer(EventTypeBase):
    """A kind of event that products send, in its newest version."""

    team = serializers.CharField(source="team.key", read_only=True)
    version = serializers.IntegerField(source="latest_number", read_only=True)
    carries_amount = serializers.BooleanField(source="latest_amount", read_only=True)
    properties = serializers.ListField(child=serializers.DictField(), source="latest_properties", read_only=True)

    class Meta:
        model = EventType
        fields: ClassVar = ["name", "description", "team", "version", "carries_amount", "properties"]
        read_only_fields = fields


class RejectedEventSerializer(RejectedBase):
    """An event that was refused, with the reason."""

    class Meta:
        model = RejectedEvent
        fields: ClassVar = ["id", "received_at", "payload", "reason", "detail", "replayed_at"]
        read_only_fields = fields


class LayerSerializer(LayerBase):
    """A layer: experiments in it never share a unit."""

    team = serializers.CharField(source="team.key", read_only=True)

    class Meta:
        model = Layer
        fields: ClassVar = ["key", "name", "description", "team"]
        read_only_fields = fields


class VariantSerializer(VariantBase):
    """An arm; the weight in per cent."""

    weight = serializers.FloatField(read_only=True)
    value = serializers.DictField(read_only=True)

    class Meta:
        model = Variant
        fields: ClassVar = ["key", "name", "position", "weight", "value"]
        read_only_fields = fields


class GuardrailSerializer(GuardrailBase):
    """A guardrail; the margin relative to the control."""

    metric = serializers.CharField(source="metric.key", read_only=True)

    class Meta:
        model = Guardrail
        fields: ClassVar = ["metric", "margin"]
        read_only_fields = fields


class ExperimentSerializer(ExperimentBase):
    """An experiment in a list."""

    team = serializers.CharField(source="team.key", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True)
    feature = serializers.CharField(source="feature.key", read_only=True)
    oec = serializers.CharField(source="oec.key", read_only=True, allow_null=True, default=None)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    stopped_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Experiment
        fields: ClassVar = [
            "key",
            "name",
            "status",
            "team",
            "owner",
            "feature",
            "oec",
            "run_number",
            "created_at",
            "updated_at",
            "started_at",
            "stopped_at",
        ]
        read_only_fields = fields


class ServedSerializer(PlainSerializer):
    """How an experiment's feature is served at all."""

    value_type = serializers.ChoiceField(choices=Feature.ValueType.choices)
    enabled = serializers.BooleanField(help_text="Switched off, no experiment of the feature is served.")
    targets = TargetSerializer(many=True, help_text="Units that meet a condition get its value, and no variant.")


class ExperimentDetailSerializer(ExperimentSerializer):
    """An experiment with its design."""

    served = ServedSerializer(source="feature", read_only=True)
    variants = VariantSerializer(many=True, read_only=True)
    guardrails = GuardrailSerializer(many=True, read_only=True)
    condition = serializers.DictField(read_only=True)
    ramp = serializers.ListField(child=serializers.DictField(), read_only=True)
    layer = serializers.CharField(source="layer.key", read_only=True, allow_null=True, default=None)

    class Meta(ExperimentSerializer.Meta):
        fields: ClassVar = [
            *ExperimentSerializer.Meta.fields,
            "who",
            "what",
            "why",
            "expected_impact",
            "baseline",
            "baseline_deviation",
            "daily_units",
            "mde",
            "alpha",
            "power",
            "coverage",
            "planned_units",
            "planned_days",
            "condition",
            "layer",
            "layer_start",
            "layer_end",
            "keeps_holdout",
            "ramp",
            "ramp_automatic",
            "starts_at",
            "ends_at",
            "looks",
            "cuped_correlation",
            "seed",
            "variants",
            "guardrails",
            "served",
        ]
        read_only_fields = fields
