"""What programs send to create and change experiments, features and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rest_framework import serializers

from experiments.api.serializers import DEFINED
from experiments.models import Feature, Layer, Metric
from novarium.kernel.strict_bodies import FiniteField, NoteSerializer, RefusesUnknown, StrictSerializer

if TYPE_CHECKING:
    MetricBase = serializers.ModelSerializer[Metric]
    FeatureBase = serializers.ModelSerializer[Feature]
    LayerBase = serializers.ModelSerializer[Layer]
else:
    MetricBase = FeatureBase = LayerBase = serializers.ModelSerializer


class NewVariantSerializer(StrictSerializer):
    """An arm of a new draft."""

    key = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=80)
    weight = serializers.DecimalField(max_digits=6, decimal_places=3, min_value=0, max_value=100)
    value = serializers.DictField()


class RampStepSerializer(StrictSerializer):
    """A share of the units, and for how many hours it is held at least."""

    coverage = FiniteField()
    hours = FiniteField()


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
    condition = serializers.DictField(required=False, help_text="Which units take part, by their attributes.")
    layer = serializers.SlugField(max_length=40, required=False, allow_null=True)
    layer_share = FiniteField(required=False, allow_null=True, help_text="Of the layer, 0..1.")
    layer_start = serializers.IntegerField(required=False, allow_null=True, help_text="In 1/10,000 of the layer.")
    keeps_holdout = serializers.BooleanField(required=False)
    ramp = RampStepSerializer(many=True, required=False, help_text="Steps before the full coverage.")
    ramp_automatic = serializers.BooleanField(required=False)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class ExperimentChangeSerializer(StrictSerializer):
    """What changes of a draft; what is left out stays. Variants and guardrails are replaced as a whole."""

    name = serializers.CharField(max_length=120, required=False)
    feature = serializers.SlugField(max_length=60, required=False)
    who = serializers.CharField(max_length=300, required=False, allow_blank=True)
    what = serializers.CharField(max_length=300, required=False, allow_blank=True)
    why = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    expected_impact = serializers.CharField(max_length=300, required=False, allow_blank=True)
    oec = serializers.SlugField(max_length=40, required=False, allow_null=True)
    guardrails = serializers.DictField(child=FiniteField(), required=False)
    variants = NewVariantSerializer(many=True, required=False)
    baseline = FiniteField(required=False, allow_null=True)
    baseline_deviation = FiniteField(required=False, allow_null=True)
    daily_units = serializers.IntegerField(required=False, allow_null=True)
    mde = FiniteField(required=False)
    alpha = FiniteField(required=False)
    power = FiniteField(required=False)
    coverage = FiniteField(required=False)
    planned_units = serializers.IntegerField(required=False, allow_null=True)
    planned_days = serializers.IntegerField(required=False, allow_null=True)
    looks = serializers.IntegerField(required=False)
    cuped_correlation = FiniteField(required=False, allow_null=True)
    condition = serializers.DictField(required=False, help_text="Which units take part, by their attributes.")
    layer = serializers.SlugField(max_length=40, required=False, allow_null=True)
    layer_share = FiniteField(required=False, allow_null=True, help_text="Of the layer, 0..1.")
    layer_start = serializers.IntegerField(required=False, allow_null=True, help_text="In 1/10,000 of the layer.")
    keeps_holdout = serializers.BooleanField(required=False)
    ramp = RampStepSerializer(many=True, required=False, help_text="Steps before the full coverage.")
    ramp_automatic = serializers.BooleanField(required=False)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class CloneSerializer(StrictSerializer):
    """Whose the copy is; the team of the original by default."""

    team = serializers.SlugField(max_length=40, required=False)


class AdvanceSerializer(StrictSerializer):
    """The next step of a ramp."""

    expected_phase = serializers.IntegerField(min_value=1, help_text="Number of the phase that you saw.")
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="Why, where a check fails."
    )


class SharesSerializer(StrictSerializer):
    """Larger shares: the coverage in 0..1; weights by variant in per cent, the present ones by default."""

    expected_phase = serializers.IntegerField(min_value=1, help_text="Number of the phase that you saw.")
    coverage = FiniteField()
    weights = serializers.DictField(child=FiniteField(), required=False)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class EndSerializer(StrictSerializer):
    """When a live experiment stops by itself; null: when somebody stops it."""

    ends_at = serializers.DateTimeField(allow_null=True)


class VerdictSerializer(StrictSerializer):
    """What a reviewer says."""

    review = serializers.IntegerField(min_value=1, help_text="Id of the review that you read.")
    verdict = serializers.ChoiceField(choices=["approved", "changes_requested"])
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class WithdrawalSerializer(NoteSerializer):
    """Which request is taken back, and why."""

    review = serializers.IntegerField(min_value=1, help_text="Id of the review.")


class NewCommentSerializer(StrictSerializer):
    """Plain text; @name mentions somebody. The same submission again adds nothing."""

    text = serializers.CharField(max_length=4000)
    submission = serializers.UUIDField(required=False, help_text="Yours, so that a retry counts once.")


class CommentChangeSerializer(StrictSerializer):
    """Another text, in place of the one that you read."""

    text = serializers.CharField(max_length=4000)
    expected_version = serializers.IntegerField(min_value=1)


class NewLayerSerializer(RefusesUnknown, LayerBase):
    """A new layer."""

    team = serializers.SlugField(max_length=40)

    class Meta:
        model = Layer
        fields: ClassVar = ["key", "name", "description", "team"]


class NewFeatureSerializer(RefusesUnknown, FeatureBase):
    """A new feature; the parameters' defaults are its first live value.

    A ``value_type`` other than object has exactly one parameter, called value, and is served as that bare value.
    """

    team = serializers.SlugField(max_length=40)
    parameters = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=50)

    class Meta:
        model = Feature
        fields: ClassVar = ["key", "name", "surface", "component", "description", "team", "parameters", "value_type"]


class NewTargetSerializer(StrictSerializer):
    """A value for the units that meet a condition; the first condition that is met counts."""

    condition = serializers.DictField()
    value = serializers.DictField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class FeatureChangeSerializer(StrictSerializer):
    """What changes of how a feature is served; what is left out stays. Targets are replaced as a whole."""

    enabled = serializers.BooleanField(
        required=False, help_text="Switched off, neither targeted values nor experiments are served."
    )
    targets = NewTargetSerializer(many=True, required=False)
    note = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="Stands in the audit log."
    )


class ReviseSerializer(StrictSerializer):
    """A new default value, in place of the revision that you read."""

    value = serializers.DictField()
    expected_revision = serializers.IntegerField(min_value=1)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class RollbackSerializer(StrictSerializer):
    """Which earlier value is brought back, in place of the revision that you read, and why."""

    to = serializers.IntegerField(min_value=1)
    expected_revision = serializers.IntegerField(min_value=1)
    note = serializers.CharField(max_length=2000)


class MetricChangeSerializer(RefusesUnknown, MetricBase):
    """A metric's definition, or the parts of it that change."""

    class Meta:
        model = Metric
        fields: ClassVar = list(DEFINED)


class NewMetricSerializer(MetricChangeSerializer):
    """A new metric."""

    key = serializers.SlugField(max_length=40)
    team = serializers.SlugField(max_length=40)

    class Meta(MetricChangeSerializer.Meta):
        fields: ClassVar = ["key", "team", *DEFINED]
