"""A model admin whose changes appear in the audit log, with before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from novarium.portal import audit
from novarium.portal.models import User

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

SECRET_FIELDS = frozenset({"password", "digest"})


def snapshot(instance: models.Model, names: Any = None) -> dict[str, Any]:
    """Return the instance's field values as JSON values, without secrets; all fields, or the named ones."""
    fields = [field for field in instance._meta.concrete_fields if field.name not in SECRET_FIELDS]
    return {
        field.name: _plain(field.value_from_object(instance)) for field in fields if not names or field.name in names
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else str(value)


class AuditedAdmin(Base):
    """Records additions, changes and deletions of the model and of its inlines."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save and record what differs."""
        before = self._stored(obj) if change else None
        super().save_model(request, obj, form, change)
        self._record(request, obj, "change" if change else "add", before, snapshot(obj))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Save the inlines and record each that was added, changed or deleted."""
        before = {row.pk: snapshot(row) for row in formset.get_queryset()}
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self._record(request, row, "add", None, snapshot(row))
        for row, _fields in formset.changed_objects:
            self._record(request, row, "change", before.get(row.pk), snapshot(row))
        for row in formset.deleted_objects:
            self._record(request, row, "delete", snapshot(row), None)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete one and record it."""
        before = snapshot(obj)
        super().delete_model(request, obj)
        self._record(request, obj, "delete", before, None)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete several, each recorded."""
        for obj in queryset:
            self.delete_model(request, obj)

    def _stored(self, obj: Any) -> dict[str, Any] | None:
        stored = type(obj)._default_manager.filter(pk=obj.pk).first()
        return snapshot(stored) if stored else None

    def _record(
        self, request: HttpRequest, obj: Any, verb: str, before: dict[str, Any] | None, after: dict[str, Any] | None
    ) -> None:
        if before is not None and after is not None:
            changed = {name for name in after if before.get(name) != after[name]}
            if not changed:
                return
            before, after = ({name: state.get(name) for name in changed} for state in (before, after))
        audit.record(
            actor=cast(User, request.user),
            action=f"{obj._meta.model_name}.{verb}",
            object_type=obj._meta.model_name,
            object_key=str(obj)[:120],
            team_id=getattr(obj, "team_id", None),
            before=before,
            after=after,
            note="admin",
        )
