"""The simulation in the Django admin: look at everything; only the background traffic is changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from novarium.kernel.json_field import STORABLE_JSON
from novarium.portal.audited_admin import AuditedAdmin
from novarium.portal.read_only_admin import ReadOnly, ReadOnlyAdmin
from simulation.models import (
    CatalogueSnapshot,
    Customer,
    CustomerOrder,
    HistoryEvent,
    SwarmBatch,
    SwarmRun,
    TrafficSetting,
)

if TYPE_CHECKING:
    Inline = admin.TabularInline[Any, Any]
else:
    Inline = admin.TabularInline


class SwarmBatchInline(ReadOnly, Inline):
    """A run's batches."""

    model = SwarmBatch
    extra = 0
    fields = ("number", "first", "size", "status", "visits", "orders", "errors", "heartbeat_at")


@admin.register(SwarmRun)
class SwarmRunAdmin(ReadOnlyAdmin):
    """Runs of the swarm."""

    list_display = ("id", "experiment_key", "experiment_run", "status", "visitors", "visits", "orders", "errors",
                    "seed", "created_at")  # fmt: skip
    list_filter = ("status", "created_at")
    search_fields = ("experiment_key", "seed")
    date_hierarchy = "created_at"
    inlines = (SwarmBatchInline,)


@admin.register(TrafficSetting)
class TrafficSettingAdmin(AuditedAdmin):
    """The background traffic: one row."""

    list_display = ("__str__", "enabled", "visitors_per_minute", "updated_at")
    readonly_fields: ClassVar = ("updated_at",)
    formfield_overrides: ClassVar = STORABLE_JSON

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row; add it where it is missing."""
        return not TrafficSetting.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The row stays."""
        return False


@admin.register(CatalogueSnapshot)
class CatalogueSnapshotAdmin(ReadOnlyAdmin):
    """What the shop offered when it was read."""

    list_display = ("read_at", "digest")
    list_filter = ("read_at",)
    search_fields = ("digest",)


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """The made-up customers."""

    list_display = ("number", "name", "locale", "persona", "joined_at")
    list_filter = ("locale", "persona", "joined_at")
    search_fields = ("number", "name", "unit_id")


@admin.register(CustomerOrder)
class CustomerOrderAdmin(ReadOnlyAdmin):
    """The made-up orders."""

    list_display = ("number", "customer", "placed_at", "category", "items", "amount", "refunded")
    list_filter = ("category", "refunded", "placed_at")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")


@admin.register(HistoryEvent)
class HistoryEventAdmin(ReadOnlyAdmin):
    """The made-up events before the first experiment."""

    list_display = ("occurred_at", "name", "unit_id", "amount")
    list_filter = ("name", "occurred_at")
    search_fields = ("unit_id",)
