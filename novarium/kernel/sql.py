"""SQL kept in files: one statement a file, loaded once, parameters always bound."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections


@cache
def load(path: str) -> str:
    """Return the text of a .sql file, by its path below the project's folder."""
    return (Path(settings.BASE_DIR) / path).read_text(encoding="utf-8")


def rows(path: str, params: dict[str, Any] | None = None, *, using: str = "default") -> list[dict[str, Any]]:
    """Run the file's select with bound parameters and return its rows as dicts."""
    with connections[using].cursor() as cursor:
        cursor.execute(load(path), params)
        names = [column.name for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def execute(path: str, params: dict[str, Any] | None = None, *, using: str = "default") -> int:
    """Run the file's statement with bound parameters and return the number of rows it touched."""
    with connections[using].cursor() as cursor:
        cursor.execute(load(path), params)
        return int(cursor.rowcount)


def json_value(value: Any) -> Any:
    """Return a json(b) column as Python values: Django's cursors hand it out as text."""
    return json.loads(value) if isinstance(value, str) else value
