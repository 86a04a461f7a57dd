"""How a request's body is read: JSON within limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.views import APIView

MAX_BODY = 1024 * 1024


class TooLarge(APIException):
    """The body is larger than what is read."""

    status_code = 413
    default_detail = _("The body must not be larger than 1 MB.")
    default_code = "too_large"


class ShallowJSONParser(JSONParser):
    """JSON of sane depth."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the parsed body.

        Raises:
            ParseError: it is no JSON, or nested too deep.
        """
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deep.")) from error


class LimitedView(APIView):
    """Refuses a body of more than 1 MB before reading it."""

    parser_classes = (ShallowJSONParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the request in, unless its body is too large."""
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            raise TooLarge
