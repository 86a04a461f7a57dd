"""The schedule of the work that repeats, in the Django admin: as django-celery-beat has it, and audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from novarium.portal import audit
from novarium.portal.audited_admin import AuditedAdmin, snapshot
from novarium.portal.models import User

if TYPE_CHECKING:
    Tasks = QuerySet[PeriodicTask]

# What the scheduler writes itself while it works.
OF_THE_SCHEDULER = ("last_run_at", "total_run_count", "date_changed")

for scheduled in (PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule):
    admin.site.unregister(scheduled)


@admin.register(PeriodicTask)
class ScheduledWorkAdmin(AuditedAdmin, beat.PeriodicTaskAdmin):
    """What runs when; switching it on or off and running it by hand are in the audit log too."""

    @admin.action(description=_("Enable selected tasks"))
    def enable_tasks(self, request: HttpRequest, queryset: Tasks) -> None:
        """Switch them on."""
        self._recorded(request, queryset, super().enable_tasks)

    @admin.action(description=_("Disable selected tasks"))
    def disable_tasks(self, request: HttpRequest, queryset: Tasks) -> None:
        """Switch them off."""
        self._recorded(request, queryset, super().disable_tasks)

    @admin.action(description=_("Toggle activity of selected tasks"))
    def toggle_tasks(self, request: HttpRequest, queryset: Tasks) -> None:
        """Switch on what is off, and off what is on."""
        self._recorded(request, queryset, super().toggle_tasks)

    @admin.action(description=_("Run selected tasks"))
    def run_tasks(self, request: HttpRequest, queryset: Tasks) -> None:
        """Run them now, beside their schedule."""
        for task in queryset:
            audit.record(
                actor=cast(User, request.user),
                action="periodictask.run",
                object_type="periodictask",
                object_key=task.name[:120],
                after={"task": task.task, "args": task.args, "kwargs": task.kwargs},
                note="admin",
            )
        super().run_tasks(request, queryset)  # type: ignore[no-untyped-call]  # the package has no types

    def _recorded(self, request: HttpRequest, tasks: Tasks, change: Callable[[HttpRequest, Tasks], None]) -> None:
        with transaction.atomic():
            before = {task.pk: snapshot(task) for task in tasks}
            change(request, PeriodicTask.objects.filter(pk__in=before))
            for task in PeriodicTask.objects.filter(pk__in=before):
                self._record(request, task, "change", before[task.pk], snapshot(task))

    def _record(
        self, request: HttpRequest, obj: Any, verb: str, before: dict[str, Any] | None, after: dict[str, Any] | None
    ) -> None:
        super()._record(request, obj, verb, _by_people(before), _by_people(after))


def _by_people(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the state without what the scheduler writes itself."""
    return state and {name: value for name, value in state.items() if name not in OF_THE_SCHEDULER}


@admin.register(IntervalSchedule)
class IntervalAdmin(AuditedAdmin, beat.IntervalScheduleAdmin):
    """Every so many seconds, minutes, hours or days."""


@admin.register(CrontabSchedule)
class CrontabAdmin(AuditedAdmin, beat.CrontabScheduleAdmin):
    """At times of the clock and the calendar."""


@admin.register(ClockedSchedule)
class ClockedAdmin(AuditedAdmin, beat.ClockedScheduleAdmin):
    """Once, at a moment."""


@admin.register(SolarSchedule)
class SolarAdmin(AuditedAdmin, beat.SolarScheduleAdmin):
    """At sunrise, sunset and the like."""
