"""A number without rounding: Postgres' numeric of any length."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _Field = models.Field[Decimal | int, Decimal]
else:
    _Field = models.Field


class ExactField(_Field):
    """A numeric without limits of digits, so that sums of exact values stay exact."""

    description = "Exact number"

    def db_type(self, connection: Any) -> str:
        """Return the column's type."""
        del connection
        return "numeric"

    def get_internal_type(self) -> str:
        """Return a name that no backend converts: psycopg hands out Decimals."""
        return "ExactField"
