"""The small family of domain errors; `problems` maps each to a page, a fragment or problem+json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """An operation that cannot be done, with a sentence for the person who asked."""

    status = 400
    title: str | Promise = _("Bad request")

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(DomainError):
    """Input that breaks a rule; ``fields`` maps a field's name to its sentences ("" for the whole)."""

    status = 422
    title = _("Invalid input")

    def __init__(self, message: str, *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, list[str]] = {
            name: [str(text) for text in texts] for name, texts in (fields or {}).items()
        }


class TooLarge(DomainError):
    """A body larger than what is read."""

    status = 413
    title = _("Too large")


class Forbidden(DomainError):
    """The person may not do this to that object."""

    status = 403
    title = _("Not allowed")


class NotFound(DomainError):
    """There is no such object, or not for this person."""

    status = 404
    title = _("Not found")


class Conflict(DomainError):
    """The object is in another state than the operation needs, or someone else was first."""

    status = 409
    title = _("Conflict")


class PreconditionFailed(DomainError):
    """The object is not as it was when the caller read it."""

    status = 412
    title = _("Changed in the meantime")


class PreconditionRequired(DomainError):
    """The caller must say from which state the change was made."""

    status = 428
    title = _("Say what you read")
