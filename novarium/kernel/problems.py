"""Domain errors as answers: a page, an htmx fragment, or problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from novarium.kernel.errors import Conflict, DomainError, Invalid, TooLarge

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
FOR_PROGRAMS = ("/api/v1/", "/api/schema/", "/api/features/", "/ofrep/")


def problem(error: DomainError) -> dict[str, Any]:
    """Return the problem+json body of a domain error."""
    status = 400 if isinstance(error, Invalid) else error.status
    body = problem_of(status, str(error.title), str(error.message))
    if isinstance(error, Invalid):
        body["errors"] = error.fields
    return body


def problem_of(status: int, title: str, detail: str) -> dict[str, Any]:
    """Return a problem+json body."""
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an API error as problem+json; DRF's exception handler."""
    if isinstance(exc, RequestDataTooBig):
        exc = TooLarge(_("The body must not be larger than 1 MB."))
    if isinstance(exc, IntegrityError):
        exc = refused_by_database(exc)
    if isinstance(exc, DomainError):
        body = problem(exc)
        return Response(body, status=body["status"], content_type=PROBLEM_JSON)
    response = exception_handler(exc, context)
    if response is None:
        return None
    detail, errors = _details(exc, response.data)
    response.data = problem_of(response.status_code, response.status_text, detail)
    if errors:
        response.data["errors"] = errors
    response.content_type = PROBLEM_JSON
    return response


def refused_by_database(error: IntegrityError) -> Conflict:
    """Return what to say where a rule of the database was the last to refuse; nothing was written.

    Such a rule stands behind the checks in code: it decides where two people change the same thing at once.
    """
    logger.warning("The database refused a change", exc_info=error)
    return Conflict(_("This cannot be changed, or somebody changed it at the same moment. Reload the page."))


def _details(exc: Exception, data: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(exc, exceptions.ValidationError):
        errors = data if isinstance(data, dict) else {"": data}
        return _("Some fields are not right."), errors
    if isinstance(data, dict) and "detail" in data:
        return str(data["detail"]), {}
    return str(exc), {}


class DomainErrorMiddleware:
    """Turn a domain error raised by a view into the answer its caller can read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Answer domain errors; leave every other exception to Django."""
        if isinstance(exc, IntegrityError):
            exc = refused_by_database(exc)
        if not isinstance(exc, DomainError):
            return None
        if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", ""):
            body = problem(exc)
            return JsonResponse(body, status=body["status"], content_type=PROBLEM_JSON)
        return error_page(request, exc.status, str(exc.title), str(exc.message), exc)


def error_page(
    request: HttpRequest, status: int, title: str, message: str, error: DomainError | None = None
) -> HttpResponse:
    """Render the error as a fragment for htmx, else as a whole page, in the style of its part of the site.

    Programs get problem+json, whoever refused them.
    """
    if request.path.startswith(FOR_PROGRAMS):
        return JsonResponse(problem_of(status, title, message), status=status, content_type=PROBLEM_JSON)
    fragment = bool(getattr(request, "htmx", False))
    match = request.resolver_match
    own = f"problems/{match.namespace}.html" if match else "problems/page.html"
    templates = ["problems/fragment.html"] if fragment else [own, "problems/page.html"]
    return render(
        request, templates, {"status": status, "title": title, "message": message, "error": error}, status=status
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is too old or came from elsewhere."""
    return error_page(request, 403, _("The form has expired"), _("Reload the page and send the form again."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return error_page(request, 400, _("Bad request"), _("The request could not be read."))


def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    """Answer 403."""
    return error_page(request, 403, _("Not allowed"), str(exception) or _("Your role does not allow this."))


def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """Answer 404."""
    return error_page(request, 404, _("Not found"), _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database."""
    if request.path.startswith(FOR_PROGRAMS):
        body = problem_of(500, _("Server error"), _("Something broke on our side. It was written to the log."))
        return JsonResponse(body, status=500, content_type=PROBLEM_JSON)
    return HttpResponse(render_to_string("problems/server_error.html", {"language": get_language()}), status=500)
