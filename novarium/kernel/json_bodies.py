"""How the API reads bodies: JSON of bounded depth, with names that can be stored and written back.

Its size is bounded before by Django (``DATA_UPLOAD_MAX_MEMORY_SIZE``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

MAX_DEPTH = 32


class BoundedJSONParser(JSONParser):
    """JSON of at most 32 levels."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the parsed body.

        Raises:
            ParseError: it is no JSON, is nested too deep, or has a name that no answer could repeat.
        """
        too_deep = ParseError(_("The JSON is nested too deep."))
        try:
            body = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise too_deep from error
        for depth, name in _names(body):
            if depth > MAX_DEPTH:
                raise too_deep
            if not _is_writable(name):
                raise ParseError(_("A name has a character that cannot be stored."))
        return body


def _names(body: object) -> Iterator[tuple[int, str]]:
    """Yield each container's depth with each name in it ("" for a list)."""
    waiting: list[tuple[int, object]] = [(1, body)]
    while waiting:
        depth, value = waiting.pop()
        if isinstance(value, dict):
            yield from ((depth, name) for name in value)
            waiting += ((depth + 1, item) for item in value.values())
        elif isinstance(value, list):
            yield depth, ""
            waiting += ((depth + 1, item) for item in value)


def _is_writable(name: str) -> bool:
    return "\0" not in name and not any("\ud800" <= character <= "\udfff" for character in name)
