"""What the API refuses, as exceptions that carry its problem (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer that is no success.

    Attributes:
        status: Of HTTP.
        title: What kind of problem.
        detail: A sentence for people.
        errors: Sentences by field, where fields were wrong.
        request_id: By which the server's log has it.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], *, request_id: str = "") -> None:
        self.status = status
        self.title = str(problem.get("title") or f"HTTP {status}")
        self.detail = str(problem.get("detail") or problem.get("errorDetails") or self.title)
        self.errors: dict[str, Any] = dict(problem.get("errors") or {})
        self.request_id = request_id
        fields = "".join(f"\n  {name}: {sentences}" for name, sentences in self.errors.items())
        super().__init__(f"{status} {self.detail}{fields}")


class Invalid(ApiError):
    """400: something in the request is not right; ``errors`` says what."""


class Unauthorized(ApiError):
    """401: the token is missing, wrong, expired or revoked."""


class Forbidden(ApiError):
    """403: the token lacks the scope, or its person the role."""


class NotFound(ApiError):
    """404: there is no such thing."""


class Conflict(ApiError):
    """409 or 412: it is in another state, or somebody changed it since you read it."""


class Unreachable(Exception):
    """The server did not answer, as often as it was tried."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Conflict,
}


def error_of(status: int, problem: object, *, request_id: str = "") -> ApiError:
    """Return the exception for an answer.

    >>> error_of(409, {"detail": "Only a draft can be launched."})
    Conflict('409 Only a draft can be launched.')
    """
    told = problem if isinstance(problem, Mapping) else {}
    return _BY_STATUS.get(status, ApiError)(status, told, request_id=request_id)
