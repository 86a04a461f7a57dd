"""Admin pages of rows that are looked at and left alone: nothing is added, changed or deleted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:  # Django's classes are generic for the type checker only
    Base = admin.ModelAdmin[Any]
    Pages = Paginator[Any]
else:
    Base = admin.ModelAdmin
    Pages = Paginator

MOST_COUNTED = 2000


class BoundedPaginator(Pages):
    """Counts only as far as anybody would page."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most MOST_COUNTED."""
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


class ReadOnly:
    """The refusals; stands before the base class of an admin page or of an inline."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


class ReadOnlyAdmin(ReadOnly, Base):
    """A list with pages of single rows; no table is counted in full."""

    actions: Any = None
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
