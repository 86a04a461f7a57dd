"""How a request's body is read: JSON within limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

MAX_BODY = 1024 * 1024


class TooLarge(APIException):
    """The body is larger than what is read."""

    status_code = 413
    default_detail = _("The body must not be larger than 1 MB.")
    default_code = "too_large"


class LimitedJSONParser(JSONParser):
    """JSON of at most 1 MB and of sane depth."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the parsed body.

        Raises:
            TooLarge: it is larger than 1 MB.
            ParseError: it is no JSON, or nested too deep.
        """
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            raise TooLarge
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deep.")) from error
