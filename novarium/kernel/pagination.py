"""Pages by cursor that answer a forged cursor with 404."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination


class ForgeableCursorPagination(CursorPagination):
    """A cursor holds a position in clear text, which anybody may replace by something that is none."""

    def decode_cursor(self, request: Any) -> Cursor | None:
        """Return the cursor, if its position can be looked for at all."""
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor is not None and "\0" in str(cursor.position or ""):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """Return the page's rows."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error
