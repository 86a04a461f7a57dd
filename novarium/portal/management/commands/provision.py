"""Prepare a database: schemas, roles, tables, and what each role may do."""

from __future__ import annotations

import time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import Model
from psycopg import sql

from novarium.kernel.postgres.base import schema_of
from novarium.kernel.postgres.creation import SCHEMAS
from novarium.settings import role_password

ATTEMPTS = 5
SHARED = ("warehouse", "experiment")


class Command(BaseCommand):
    """Create schemas and roles, migrate, and give each role what it needs and no more; safe to repeat."""

    help = "Create the schemas, the roles of the shop and the reader, the tables, and their grants."

    def handle(self, *args: Any, **options: Any) -> None:
        self._each(self._schemas_and_roles)
        call_command("migrate", verbosity=options["verbosity"], interactive=False)
        self._each(self._grants)

    def _each(self, step: Any) -> None:
        """Run a step in one transaction; again where another database's provisioning changed a shared role."""
        for attempt in range(ATTEMPTS):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("select pg_advisory_xact_lock(hashtext('novarium provision'))")
                    step(cursor)
                    return
            except (InternalError, IntegrityError):
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(0.1 * (attempt + 1))

    def _schemas_and_roles(self, cursor: Any) -> None:
        for schema in SCHEMAS:
            cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        for role in (settings.SHOP_ROLE, settings.READER_ROLE):
            cursor.execute("select 1 from pg_roles where rolname = %s", [role])
            # Only a superuser may name these attributes in an alter, and the owner need not be one.
            verb, attributes = ("alter", "") if cursor.fetchone() else ("create", "nosuperuser nocreatedb nocreaterole")
            statement = sql.SQL(f"{verb} role {{}} login {attributes} password {{}}")
            cursor.execute(statement.format(sql.Identifier(role), sql.Literal(role_password(role))))

    def _grants(self, cursor: Any) -> None:
        for role in (settings.SHOP_ROLE, settings.READER_ROLE):
            for schema in SHARED:
                names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
                for statement in (
                    "grant usage on schema {schema} to {role}",
                    "revoke all on all tables in schema {schema} from {role}",
                    "grant select on all tables in schema {schema} to {role}",
                    "alter default privileges in schema {schema} grant select on tables to {role}",
                ):
                    cursor.execute(sql.SQL(statement).format(**names))
        for function in settings.SHOP_CALLS:
            call = sql.SQL("grant execute on function {} to {}")
            cursor.execute(call.format(sql.SQL(function), sql.Identifier(settings.SHOP_ROLE)))
        for model in apps.get_models():
            writes = _shop_writes(model)
            if writes:
                self._allow_writes(cursor, model, writes)

    def _allow_writes(self, cursor: Any, model: type[Model], writes: str) -> None:
        table = sql.Identifier(schema_of(model), model._meta.db_table)
        role = sql.Identifier(settings.SHOP_ROLE)
        cursor.execute(sql.SQL("grant {} on {} to {}").format(sql.SQL(writes), table, role))
        if model._meta.auto_field is None:
            return
        name = [f"{schema_of(model)}.{model._meta.db_table}", model._meta.auto_field.column]
        cursor.execute("select pg_get_serial_sequence(%s, %s)", name)
        (sequence,) = cursor.fetchone()
        cursor.execute(sql.SQL("grant usage on sequence {} to {}").format(sql.SQL(sequence), role))


def _shop_writes(model: type[Model]) -> str:
    writes: dict[str, str] = settings.SHOP_WRITES
    return writes.get(f"{model._meta.app_label}.{model._meta.model_name}") or writes.get(model._meta.app_label, "")
