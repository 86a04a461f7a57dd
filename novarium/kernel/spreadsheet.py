"""CSV that a spreadsheet shows and does not run. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cells(values: Iterable[object]) -> list[object]:
    """Return a row whose texts no spreadsheet takes for a formula; numbers stay as they are.

    >>> cells(["=1+1", "plain", -3, None])
    ["'=1+1", 'plain', -3, None]
    """
    return [f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value for value in values]
