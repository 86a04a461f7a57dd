"""Prepare a database: the schemas and the two lesser roles."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from novarium.settings import role_password
from django.core.management.base import BaseCommand
from django.db import connection
from psycopg import sql

SCHEMAS = ("portal", "experiment", "warehouse")


class Command(BaseCommand):
    """Create schemas and roles, and give each role what it needs and no more; safe to repeat."""

    help = "Create the schemas and the database roles of the shop and of the read-only reader."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run in one transaction."""
        with connection.cursor() as cursor:
            for schema in SCHEMAS:
                cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
            for role in (settings.SHOP_ROLE, settings.READER_ROLE):
                self._role(cursor, role)
            cursor.execute(
                sql.SQL("grant usage on schema warehouse, experiment to {}, {}").format(
                    sql.Identifier(settings.SHOP_ROLE), sql.Identifier(settings.READER_ROLE)
                )
            )
            for schema in ("warehouse", "experiment"):
                self._grants(cursor, schema)

    def _role(self, cursor: Any, role: str) -> None:
        cursor.execute("select 1 from pg_roles where rolname = %s", [role])
        verb = "alter" if cursor.fetchone() else "create"
        statement = sql.SQL(verb + " role {} login nosuperuser nocreatedb nocreaterole password {}")
        cursor.execute(statement.format(sql.Identifier(role), sql.Literal(role_password(role))))

    def _grants(self, cursor: Any, schema: str) -> None:
        """Let both read; let the shop write what it sells and what its visitors do (see grants on tables)."""
        for role, tables, sequences in (
            (settings.READER_ROLE, "select", None),
            (
                settings.SHOP_ROLE,
                "select, insert, update" if schema == "warehouse" else "select, insert",
                "usage, select",
            ),
        ):
            names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
            for scope in (
                "grant {what} on all {kind} in schema {schema} to {role}",
                "alter default privileges in schema {schema} grant {what} on {kind} to {role}",
            ):
                cursor.execute(sql.SQL(scope).format(what=sql.SQL(tables), kind=sql.SQL("tables"), **names))
                if sequences:
                    cursor.execute(sql.SQL(scope).format(what=sql.SQL(sequences), kind=sql.SQL("sequences"), **names))
