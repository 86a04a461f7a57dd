"""Decisions, archive and marts in the Django admin: looked at, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from analytics.models import (
    Adoption,
    ArchiveEntry,
    DailyMetric,
    Decision,
    LearningNote,
    MartRun,
    UserStat,
)
from novarium.portal.read_only_admin import ReadOnly, ReadOnlyAdmin

if TYPE_CHECKING:
    Inline = admin.TabularInline[LearningNote, ArchiveEntry]
else:
    Inline = admin.TabularInline


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Who decided what, and why."""

    list_display = ("run", "outcome", "variant", "decided_by", "decided_at")
    list_filter = ("outcome", "decided_at")
    search_fields = ("run__experiment__key", "run__experiment__name", "note", "override_reason")
    date_hierarchy = "decided_at"
    list_select_related = ("run__experiment", "decided_by")


@admin.register(Adoption)
class AdoptionAdmin(ReadOnlyAdmin):
    """Which decision made which revision live."""

    list_display = ("feature", "revision", "replaced_revision", "decision", "adopted_at")
    list_filter = ("feature", "adopted_at")
    search_fields = ("feature", "decision__run__experiment__key")
    list_select_related = ("decision__run__experiment",)


class LearningNoteInline(ReadOnly, Inline):
    """All wordings of the learning note."""

    model = LearningNote
    fields = readonly_fields = ("number", "text", "author", "created_at")
    ordering = ("-number",)
    extra = 0


@admin.register(ArchiveEntry)
class ArchiveEntryAdmin(ReadOnlyAdmin):
    """The decided runs."""

    list_display = ("name", "run_number", "outcome", "feature", "metric", "team", "decided_at")
    list_filter = ("outcome", "feature", "metric", "team", "decided_at")
    search_fields = ("experiment_key", "name", "document")
    date_hierarchy = "decided_at"
    list_select_related = ("team",)
    inlines = (LearningNoteInline,)


@admin.register(LearningNote)
class LearningNoteAdmin(ReadOnlyAdmin):
    """What was learned, every wording."""

    list_display = ("entry", "number", "author", "created_at")
    list_filter = ("created_at",)
    search_fields = ("entry__name", "text")
    list_select_related = ("entry", "author")


@admin.register(DailyMetric)
class DailyMetricAdmin(ReadOnlyAdmin):
    """The shop, day by day."""

    list_display = ("date", "visitors", "ctr", "cvr", "orders", "aov", "arpu", "revenue", "bounce_rate")
    search_fields = ("date",)
    date_hierarchy = "date"


@admin.register(UserStat)
class UserStatAdmin(ReadOnlyAdmin):
    """Users and their segments."""

    list_display = ("unit_id", "segment", "orders", "spend", "last_order", "recency_days", "as_of")
    list_filter = ("segment",)
    search_fields = ("unit_id",)


@admin.register(MartRun)
class MartRunAdmin(ReadOnlyAdmin):
    """The builds of the marts."""

    list_display = ("id", "target_date", "status", "requested_by", "requested_at", "started_at", "finished_at")
    list_filter = ("status", "requested_at")
    search_fields = ("target_date", "problem")
    list_select_related = ("requested_by",)
