"""How experiments, features and metrics look to programs, and what a new draft must hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers

from experiments.intake import STATUSES
from experiments.models import Experiment, Feature, Guardrail, Metric, Variant

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
    ExperimentBase = serializers.ModelSerializer[Experiment]
    FeatureBase = serializers.ModelSerializer[Feature]
    GuardrailBase = serializers.ModelSerializer[Guardrail]
    MetricBase = serializers.ModelSerializer[Metric]
    VariantBase = serializers.ModelSerializer[Variant]
else:
    PlainSerializer = serializers.Serializer
    ExperimentBase = FeatureBase = GuardrailBase = MetricBase = VariantBase = serializers.ModelSerializer


class MetricSerializer(MetricBase):
    """A metric's definition."""

    team = serializers.CharField(source="team.key", read_only=True)

    class Meta:
        model = Metric
        fields: ClassVar = [
            "key",
            "name",
            "description",
            "type",
            "numerator_event",
            "numerator_aggregation",
            "denominator_event",
            "denominator_aggregation",
            "direction",
            "unit",
            "team",
        ]
        read_only_fields = fields


class FeatureSerializer(FeatureBase):
    """A feature with its live value."""

    team = serializers.CharField(source="team.key", read_only=True)
    revision = serializers.IntegerField(source="live_number", read_only=True)
    value = serializers.JSONField(source="live_value", read_only=True)

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


class VariantSerializer(VariantBase):
    """An arm; the weight in per cent."""

    weight = serializers.FloatField(read_only=True)

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
            "looks",
            "cuped_correlation",
            "seed",
            "variants",
            "guardrails",
        ]
        read_only_fields = fields


class FiniteField(serializers.FloatField):
    """A number that a float can hold."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number."""
        try:
            value = float(super().to_internal_value(data))
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class StrictSerializer(PlainSerializer):
    """Refuses fields that it does not know, so that a misspelt one is not lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the typed fields."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: ["There is no such field."] for name in unknown[:20]})
        return super().to_internal_value(data)


class NewVariantSerializer(StrictSerializer):
    """An arm of a new draft."""

    key = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=80)
    weight = serializers.DecimalField(max_digits=6, decimal_places=3, min_value=0, max_value=100)
    value = serializers.DictField()


class NewExperimentSerializer(StrictSerializer):
    """A new draft; shares in 0..1, weights in per cent, guardrails as margin by metric key."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    feature = serializers.SlugField(max_length=60)
    who = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    what = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    why = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    expected_impact = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    oec = serializers.SlugField(max_length=40, required=False, allow_null=True, default=None)
    guardrails = serializers.DictField(child=FiniteField(), required=False, default=dict)
    variants = NewVariantSerializer(many=True, required=False, default=list)
    baseline = FiniteField(required=False, allow_null=True, default=None)
    baseline_deviation = FiniteField(required=False, allow_null=True, default=None)
    daily_units = serializers.IntegerField(required=False, allow_null=True, default=None)
    mde = FiniteField(required=False, default=0.05)
    alpha = FiniteField(required=False, default=0.05)
    power = FiniteField(required=False, default=0.8)
    coverage = FiniteField(required=False, default=1.0)
    planned_units = serializers.IntegerField(required=False, allow_null=True, default=None)
    planned_days = serializers.IntegerField(required=False, allow_null=True, default=None)
    looks = serializers.IntegerField(required=False, default=1)
    cuped_correlation = FiniteField(required=False, allow_null=True, default=None)


class NoteSerializer(StrictSerializer):
    """Why something is done."""

    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


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
