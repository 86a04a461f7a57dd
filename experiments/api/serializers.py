"""How experiments, features, metrics and events look to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers

from experiments.intake import STATUSES
from experiments.metric_authoring import MetricInput
from experiments.models import Experiment, Feature, FeatureRevision, Guardrail, Layer, Metric, Variant

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
    ExperimentBase = serializers.ModelSerializer[Experiment]
    FeatureBase = serializers.ModelSerializer[Feature]
    GuardrailBase = serializers.ModelSerializer[Guardrail]
    MetricBase = serializers.ModelSerializer[Metric]
    VariantBase = serializers.ModelSerializer[Variant]
    RevisionBase = serializers.ModelSerializer[FeatureRevision]
    LayerBase = serializers.ModelSerializer[Layer]
else:
    PlainSerializer = serializers.Serializer
    ExperimentBase = FeatureBase = GuardrailBase = MetricBase = VariantBase = RevisionBase = LayerBase = (
        serializers.ModelSerializer
    )


# All that an analyst types of a metric, in the order of its definition.
DEFINED = tuple(name for name in MetricInput.__dataclass_fields__ if name != "owner_id")


class MetricSerializer(MetricBase):
    """A metric's definition."""

    team = serializers.CharField(source="team.key", read_only=True)

    class Meta:
        model = Metric
        fields: ClassVar = ["key", *DEFINED, "team"]
        read_only_fields = fields


class FeatureSerializer(FeatureBase):
    """A feature with its live value."""

    team = serializers.CharField(source="team.key", read_only=True)
    revision = serializers.IntegerField(source="live_number", read_only=True)
    value = serializers.DictField(source="live_value", read_only=True)
    parameters = serializers.ListField(child=serializers.DictField(), read_only=True)

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
            "revision",
            "value",
        ]
        read_only_fields = fields


class RevisionSerializer(RevisionBase):
    """A default value that a feature has or had."""

    value = serializers.DictField(read_only=True)
    experiment = serializers.CharField(source="experiment.key", read_only=True, default=None)
    author = serializers.CharField(source="author.username", read_only=True, default=None)

    class Meta:
        model = FeatureRevision
        fields: ClassVar = ["number", "value", "origin", "reinstates", "experiment", "author", "note", "created_at"]
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
    oec = serializers.CharField(source="oec.key", read_only=True, default=None)
    started_at = serializers.DateTimeField(read_only=True)
    stopped_at = serializers.DateTimeField(read_only=True)

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


class ExperimentDetailSerializer(ExperimentSerializer):
    """An experiment with its design."""

    variants = VariantSerializer(many=True, read_only=True)
    guardrails = GuardrailSerializer(many=True, read_only=True)
    condition = serializers.DictField(read_only=True)
    ramp = serializers.ListField(child=serializers.DictField(), read_only=True)
    layer = serializers.CharField(source="layer.key", read_only=True, default=None)

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
            "starts_at",
            "ends_at",
            "seed",
            "variants",
            "guardrails",
        ]
        read_only_fields = fields


class EventBatchSerializer(PlainSerializer):
    """What is sent to the intake; each event is checked by itself."""

    events = serializers.ListField(child=serializers.JSONField(allow_null=True), min_length=1, max_length=500)


class ReceiptSerializer(PlainSerializer):
    """What became of one event."""

    event_id = serializers.CharField()
    status = serializers.ChoiceField(choices=list(STATUSES))
    reason = serializers.CharField()
    detail = serializers.CharField()


class ReceiptsSerializer(PlainSerializer):
    """What became of a batch, event by event in the order they were sent."""

    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = serializers.IntegerField()
    receipts = ReceiptSerializer(many=True)
