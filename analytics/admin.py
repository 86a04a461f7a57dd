"""Decisions, archive and marts in the Django admin: looked at, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from analytics.models import (
    Adoption,
    ArchiveEntry,
    DailyMetric,
    Decision,
    LearningNote,
    MartRun,
    UserStat,
)
from novarium.portal.admin import ReadOnlyAdmin


if TYPE_CHECKING:
    Inline = admin.TabularInline[LearningNote, ArchiveEntry]
else:
    Inline = admin.TabularInline


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Who decided what, and why."""

    list_display: ClassVar = ["run", "outcome", "variant", "decided_by", "decided_at"]
    list_filter: ClassVar = ["outcome", "decided_at"]
    search_fields: ClassVar = ["run__experiment__key", "run__experiment__name", "note", "override_reason"]
    date_hierarchy = "decided_at"
    list_select_related: ClassVar = ["run__experiment", "decided_by"]


@admin.register(Adoption)
class AdoptionAdmin(ReadOnlyAdmin):
    """Which decision made which revision live."""

    list_display: ClassVar = ["feature", "revision", "replaced_revision", "decision", "adopted_at"]
    list_filter: ClassVar = ["feature", "adopted_at"]
    search_fields: ClassVar = ["feature", "decision__run__experiment__key"]
    list_select_related: ClassVar = ["decision__run__experiment"]


class LearningNoteInline(Inline):
    """All wordings of the learning note."""

    model = LearningNote
    fields: ClassVar = ["number", "text", "author", "created_at"]
    readonly_fields: ClassVar = fields
    ordering: ClassVar = ["-number"]
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """New wordings are written on the archive's page."""
        return False


@admin.register(ArchiveEntry)
class ArchiveEntryAdmin(ReadOnlyAdmin):
    """The decided runs."""

    list_display: ClassVar = ["name", "run_number", "outcome", "feature", "metric", "team", "decided_at"]
    list_filter: ClassVar = ["outcome", "feature", "metric", "team", "decided_at"]
    search_fields: ClassVar = ["experiment_key", "name", "document"]
    date_hierarchy = "decided_at"
    list_select_related: ClassVar = ["team"]
    inlines: ClassVar = [LearningNoteInline]


@admin.register(LearningNote)
class LearningNoteAdmin(ReadOnlyAdmin):
    """What was learned, every wording."""

    list_display: ClassVar = ["entry", "number", "author", "created_at"]
    list_filter: ClassVar = ["created_at"]
    search_fields: ClassVar = ["entry__name", "text"]
    list_select_related: ClassVar = ["entry", "author"]


@admin.register(DailyMetric)
class DailyMetricAdmin(ReadOnlyAdmin):
    """The shop, day by day."""

    list_display: ClassVar = ["date", "visitors", "ctr", "cvr", "orders", "aov", "arpu", "revenue", "bounce_rate"]
    search_fields: ClassVar = ["date"]
    date_hierarchy = "date"


@admin.register(UserStat)
class UserStatAdmin(ReadOnlyAdmin):
    """Users and their segments."""

    list_display: ClassVar = ["unit_id", "segment", "orders", "spend", "last_order", "recency_days", "as_of"]
    list_filter: ClassVar = ["segment"]
    search_fields: ClassVar = ["unit_id"]


@admin.register(MartRun)
class MartRunAdmin(ReadOnlyAdmin):
    """The builds of the marts."""

    list_display: ClassVar = [
        "id",
        "target_date",
        "status",
        "requested_by",
        "requested_at",
        "started_at",
        "finished_at",
    ]
    list_filter: ClassVar = ["status", "requested_at"]
    search_fields: ClassVar = ["target_date", "problem"]
    list_select_related: ClassVar = ["requested_by"]
