"""Decisions, archive and marts in the Django admin: looked at, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from django.contrib import admin
from django.http import Http404

from analytics.models import (
    AcceptedFailure,
    Adoption,
    ArchiveEntry,
    CheckResult,
    CrmRule,
    DailyMetricRow,
    Dataset,
    Decision,
    GateRun,
    ImportFile,
    LearningNote,
    MartRun,
    MartStage,
    UserStatRow,
)
from novarium.portal.audited_admin import AuditedAdmin
from novarium.portal.read_only_admin import ReadOnly, ReadOnlyAdmin

if TYPE_CHECKING:
    Inline = admin.TabularInline[LearningNote, ArchiveEntry]
    StageInline = admin.TabularInline[MartStage, MartRun]
    ResultInline = admin.TabularInline[CheckResult, GateRun]
    FileInline = admin.TabularInline[ImportFile, Dataset]
else:
    Inline = StageInline = ResultInline = FileInline = admin.TabularInline


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


@admin.register(CrmRule)
class CrmRuleAdmin(AuditedAdmin):
    """Whom to address: limits that take effect with the next build."""

    list_display = ("name", "is_active", "priority", "days", "least_views", "least_carts", "least_orders", "cap")
    list_filter = ("is_active",)
    search_fields = ("key", "name")


class MartStageInline(ReadOnly, StageInline):
    """The stages of a build."""

    model = MartStage
    fields = readonly_fields = ("position", "name", "status", "rows", "seconds", "problem")
    extra = 0


@admin.register(MartRun)
class MartRunAdmin(ReadOnlyAdmin):
    """The builds of the marts."""

    list_display = ("id", "dataset", "first_date", "last_date", "status", "engine", "requested_by", "requested_at")
    list_filter = ("status", "engine", "dataset", "requested_at")
    search_fields = ("first_date", "problem")
    list_select_related = ("requested_by", "dataset")
    inlines = (MartStageInline,)


class CheckResultInline(ReadOnly, ResultInline):
    """What the checks of a run found."""

    model = CheckResult
    fields = readonly_fields = ("check_name", "severity", "rows", "seconds")
    extra = 0


@admin.register(GateRun)
class GateRunAdmin(ReadOnlyAdmin):
    """The runs of data quality checks."""

    list_display = ("id", "dataset", "stage", "check_name", "status", "requested_by", "requested_at")
    list_filter = ("status", "dataset", "stage", "requested_at")
    search_fields = ("check_name", "problem")
    list_select_related = ("requested_by", "dataset")
    inlines = (CheckResultInline,)


@admin.register(AcceptedFailure)
class AcceptedFailureAdmin(ReadOnlyAdmin):
    """The failures that were accepted; a new one is accepted on the page of data quality."""

    list_display = ("check_name", "dataset_id", "day", "rows", "reason", "accepted_by", "accepted_at")
    list_filter = ("check_name", "accepted_at")
    search_fields = ("check_name", "reason")
    list_select_related = ("accepted_by",)


class ImportFileInline(ReadOnly, FileInline):
    """How far the dataset's files were read."""

    model = ImportFile
    fields = readonly_fields = ("name", "status", "lines", "rejected", "finished_at")
    extra = 0


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    """The bodies of events that marts are built from; the page of datasets imports and deletes them."""

    list_display = ("key", "name", "form", "currency", "zone", "created_at")
    list_filter = ("form",)
    search_fields = ("key", "name")
    inlines = (ImportFileInline,)


@admin.register(ImportFile)
class ImportFileAdmin(ReadOnlyAdmin):
    """How far files were read."""

    list_display = ("name", "dataset", "status", "lines", "rejected", "finished_at")
    list_filter = ("status", "dataset")
    search_fields = ("name", "dataset__key")
    list_select_related = ("dataset",)


class RowsAdmin(ReadOnlyAdmin):
    """Rows of a table whose key has several columns: listed, without a page for each."""

    list_display_links = None

    def change_view(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Answer that there is no such page."""
        raise Http404


@admin.register(DailyMetricRow)
class DailyMetricAdmin(RowsAdmin):
    """What happened on each day of each dataset."""

    list_display = ("date", "dataset", "visitors", "sessions", "buyers", "orders", "revenue_minor", "refunded_minor")
    list_filter = ("dataset",)
    list_select_related = ("dataset",)
    ordering = ("dataset", "-day")


@admin.register(UserStatRow)
class UserStatAdmin(RowsAdmin):
    """What each unit ordered so far."""

    list_display = ("unit_id", "dataset", "segment", "orders", "spend", "last_order", "first_seen", "last_seen")
    list_filter = ("dataset", "segment")
    search_fields = ("unit_id__startswith",)
    list_select_related = ("dataset",)
    ordering = ("-spend", "unit_id")
