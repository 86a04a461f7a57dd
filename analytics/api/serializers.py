"""How the archive looks to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analytics import archive
from analytics.models import ArchiveEntry

if TYPE_CHECKING:
    EntrySerializer = serializers.ModelSerializer[ArchiveEntry]
    PlainSerializer = serializers.Serializer[Any]
else:
    EntrySerializer = serializers.ModelSerializer
    PlainSerializer = serializers.Serializer


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

    class Meta(ArchiveEntrySerializer.Meta):
        fields: ClassVar = [*ArchiveEntrySerializer.Meta.fields, "design", "result", "decision", "learning"]
        read_only_fields = fields

    @extend_schema_field(LearningSerializer)
    def get_learning(self, entry: ArchiveEntry) -> dict[str, Any]:
        """Return the present wording."""
        return dict(LearningSerializer(next(iter(archive.notes_of(entry)))).data)
