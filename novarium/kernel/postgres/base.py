"""The database backend: Django's own, except that ``TABLE_SCHEMAS`` says where a new table lives.

Tables are found again through the connection's search path, so the ORM needs no schema names and every
other part of Django's backend works unchanged.
"""

from __future__ import annotations

import math
import time
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base, schema
from django.db.models import Model

from novarium.kernel.postgres.creation import DatabaseCreation
from novarium.kernel.postgres.operations import DatabaseOperations

HEALTH_CHECK_SECONDS = 1.0


def schema_of(model: type[Model]) -> str:
    """Return the schema of a model's table: by ``app_label.model``, else by app label, else ``portal``."""
    meta = model._meta
    schemas: dict[str, str] = settings.TABLE_SCHEMAS
    return schemas.get(f"{meta.app_label}.{meta.model_name}") or schemas.get(meta.app_label, "portal")


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Move a table to its schema right after it was created."""

    def create_model(self, model: type[Model]) -> None:
        """Create the table, then move it."""
        super().create_model(model)
        target = schema_of(model)
        if target != "portal" and not model._meta.auto_created:
            table = self.quote_name(model._meta.db_table)
            self.execute(f"alter table {table} set schema {self.quote_name(target)}")


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL connection with the schema editor above."""

    SchemaEditorClass: Any = DatabaseSchemaEditor
    creation_class: Any = DatabaseCreation
    ops_class: Any = DatabaseOperations
    _checked_at = -math.inf

    def close_if_health_check_failed(self) -> None:
        """Check a kept connection before its first use, at most once a second: busy ones need no query each.

        A check that is left out counts as done: made up for at the end of a transaction, its query would begin another.
        """
        if time.monotonic() - self._checked_at < HEALTH_CHECK_SECONDS:
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        self._checked_at = time.monotonic()
