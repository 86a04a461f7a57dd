"""Emptying a database cascades: tables of swapped-out models reference ours too."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import operations


class DatabaseOperations(operations.DatabaseOperations):
    """Django's, with a flush that cascades."""

    def sql_flush(
        self,
        style: Any,
        tables: Any,
        *,
        reset_sequences: bool = False,
        allow_cascade: bool = True,
    ) -> list[str]:
        """Return the statements that empty the tables and whatever references them."""
        del allow_cascade
        return super().sql_flush(style, tables, reset_sequences=reset_sequences, allow_cascade=True)
