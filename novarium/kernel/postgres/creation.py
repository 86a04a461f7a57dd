"""Test databases get the schemas before the first migration runs in them."""

from __future__ import annotations

from typing import Any

import psycopg
import psycopg.sql
from django.db.backends.postgresql import creation

SCHEMAS = ("portal", "experiment", "warehouse")


class DatabaseCreation(creation.DatabaseCreation):
    """Django's, plus the schemas."""

    def _create_test_db(self, verbosity: int, autoclobber: bool, keepdb: bool = False) -> str:  # noqa: FBT001, FBT002
        name: str = super()._create_test_db(verbosity, autoclobber, keepdb)  # type: ignore[misc]
        params: dict[str, Any] = {**self.connection.get_connection_params(), "dbname": name}
        wanted = {key: params[key] for key in ("dbname", "user", "password", "host", "port") if params.get(key)}
        with psycopg.connect(**wanted, autocommit=True) as connection:
            for schema in SCHEMAS:
                connection.execute(
                    psycopg.sql.SQL("create schema if not exists {}").format(psycopg.sql.Identifier(schema))
                )
        return name
