"""The order of pages of what is numbered."""

from __future__ import annotations

from novarium.kernel.pagination import ForgeableCursorPagination


class ByNumber(ForgeableCursorPagination):
    """Pages, newest first."""

    ordering = ("-id",)
