"""How results, decisions, adoptions and the archive look to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analytics import archive
from analytics.models import Adoption, ArchiveEntry
from analytics.results import ResultReport
from experiments.public import Design
from novarium.kernel.dataclass_schemas import schema_of
from novarium.kernel.strict_bodies import StrictSerializer

if TYPE_CHECKING:
    EntrySerializer = serializers.ModelSerializer[ArchiveEntry]
    AdoptionBase = serializers.ModelSerializer[Adoption]
    PlainSerializer = serializers.Serializer[Any]
else:
    EntrySerializer = AdoptionBase = serializers.ModelSerializer
    PlainSerializer = serializers.Serializer


REPORT: dict[str, Any] = {**schema_of(ResultReport), "description": "The results of a run."}
# What the archive keeps is as it was written then, perhaps by an earlier version.
KEPT_REPORT: dict[str, Any] = {**schema_of(ResultReport, whole=False), "description": "The results at the decision."}
KEPT_DESIGN: dict[str, Any] = {**schema_of(Design, whole=False), "description": "The design as it was launched."}


class AdoptSerializer(StrictSerializer):
    """What is adopted and why."""

    variant = serializers.SlugField(max_length=40, help_text="Key of a treatment.")
    run = serializers.IntegerField(min_value=1, help_text="The run that you looked at.")
    expected_revision = serializers.IntegerField(min_value=1, help_text="The feature's revision that it replaces.")
    note = serializers.CharField(max_length=5000, help_text="Why this decision.")
    learning = serializers.CharField(max_length=5000, help_text="What was learned; goes to the archive.")
    override = serializers.CharField(
        max_length=5000, required=False, allow_blank=True, default="", help_text="Why in spite of objections."
    )
    stop_first = serializers.BooleanField(required=False, default=False, help_text="Stop a running experiment first.")


class RejectSerializer(StrictSerializer):
    """Why nothing is adopted."""

    run = serializers.IntegerField(min_value=1, help_text="The run that you looked at.")
    note = serializers.CharField(max_length=5000, help_text="Why this decision.")
    learning = serializers.CharField(max_length=5000, help_text="What was learned; goes to the archive.")
    stop_first = serializers.BooleanField(required=False, default=False, help_text="Stop a running experiment first.")


class RewordSerializer(StrictSerializer):
    """Another wording of what was learned, in place of the one that you read."""

    text = serializers.CharField(max_length=5000)
    expected_number = serializers.IntegerField(min_value=1)


class AdoptionSerializer(AdoptionBase):
    """A variant's value that became what everybody sees."""

    experiment = serializers.CharField(source="decision.run.experiment.key", read_only=True)
    run = serializers.IntegerField(source="decision.run.number", read_only=True)
    variant = serializers.CharField(source="decision.variant", read_only=True)
    note = serializers.CharField(source="decision.note", read_only=True)
    decided_by = serializers.CharField(
        source="decision.decided_by.username", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Adoption
        fields: ClassVar = [
            *("id", "feature", "revision", "replaced_revision", "experiment", "run", "variant"),
            *("note", "decided_by", "adopted_at"),
        ]
        read_only_fields = fields


class ArchiveEntrySerializer(EntrySerializer):
    """An entry in a list."""

    team = serializers.CharField(source="team.key", read_only=True)

    class Meta:
        model = ArchiveEntry
        fields: ClassVar = [
            "id",
            "experiment_key",
            "run_number",
            "name",
            "team",
            "feature",
            "metric",
            "outcome",
            "started_at",
            "stopped_at",
            "decided_at",
            "decided_by",
        ]
        read_only_fields = fields


class LearningSerializer(PlainSerializer):
    """The present wording of a learning note."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class ArchiveDetailSerializer(ArchiveEntrySerializer):
    """An entry with its design, frozen results, decision and learning."""

    learning = serializers.SerializerMethodField()
    design = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()
    decision = serializers.DictField(read_only=True)

    class Meta(ArchiveEntrySerializer.Meta):
        fields: ClassVar = [*ArchiveEntrySerializer.Meta.fields, "design", "result", "decision", "learning"]
        read_only_fields = fields

    @extend_schema_field(LearningSerializer)
    def get_learning(self, entry: ArchiveEntry) -> dict[str, Any]:
        """Return the present wording."""
        return dict(LearningSerializer(next(iter(archive.notes_of(entry)))).data)

    @extend_schema_field(KEPT_DESIGN)
    def get_design(self, entry: ArchiveEntry) -> Any:
        """Return the design as it was launched."""
        return entry.design

    @extend_schema_field({"anyOf": [KEPT_REPORT, {"type": "null"}]})
    def get_result(self, entry: ArchiveEntry) -> Any:
        """Return the results as they were when the decision was made."""
        return entry.result
