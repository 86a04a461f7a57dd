"""The grants that are valid now, read for the processes that hold them in memory; and the marks of their use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from novarium.portal.access import can
from novarium.portal.grants import Grant
from novarium.portal.models import ApiToken, Connection
from novarium.portal.roles import Action

USE_STEP = timedelta(minutes=1)
TOKEN_PER_MINUTE = 600
# What a person must be allowed to do for a token of theirs to have the scope.
NEEDED: dict[str, Action] = {
    "read": Action.READ,
    "evaluate": Action.READ,
    "ingest": Action.RUN,
    "manage": Action.DESIGN,
}

_listeners: list[Callable[[], None]] = []


def on_change(listener: Callable[[], None]) -> None:
    """Have ``listener`` called, inside the transaction, whenever what ``load_grants`` returns has changed."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed() -> None:
    """Say, inside the transaction of a change, that a key or token was made, changed or ended."""
    for listener in _listeners:
        listener()


def digest(secret: str) -> str:
    """Return the SHA-512, in hexadecimal, under which a key or token is stored; a lone surrogate fits none."""
    return hashlib.sha512(secret.encode("utf-8", "surrogatepass")).hexdigest()


def load_grants(now: datetime | None = None) -> dict[str, Grant]:
    """Return what each valid key and token allows, by its digest; ``expires_at`` is left to the caller to watch."""
    at = now or timezone.now()
    connections = Connection.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)
    tokens = ApiToken.objects.filter(Q(expiry=None) | Q(expiry__gt=at), user__is_active=True)
    grants = {item.key_digest: grant_of(item) for item in connections}
    people: dict[int, frozenset[str]] = {}
    for token in tokens.select_related("user"):
        if token.user_id not in people:
            people[token.user_id] = frozenset(scope for scope, action in NEEDED.items() if can(token.user, action))
        grants[token.digest] = _of_token(token, people[token.user_id])
    return grants


def grant_of(connection: Connection) -> Grant:
    """Return what the connection's key allows."""
    return Grant(
        kind="connection",
        id=str(connection.pk),
        name=connection.name,
        team_id=connection.team_id,
        scopes=frozenset(connection.scopes),
        origins=tuple(connection.origins),
        per_minute=connection.per_minute,
        logs_exposures=connection.logs_exposures,
        is_public=connection.kind == Connection.Kind.CLIENT,
        expires_at=connection.expires_at,
    )


def _of_token(token: ApiToken, allowed: frozenset[str]) -> Grant:
    return Grant(
        kind="token",
        id=token.digest,
        name=token.name,
        team_id=None,
        scopes=allowed.intersection(token.scopes),
        per_minute=TOKEN_PER_MINUTE,
        expires_at=token.expiry,
    )


def note_use(used: Iterable[tuple[str, str]], *, now: datetime | None = None) -> None:
    """Write down that the grants (kind and id of each) were used; one noted within the last minute stays as it is.

    Callers gather what was used and call this beside the requests, so that none waits for it.
    """
    at = now or timezone.now()
    ids: dict[str, list[str]] = {"connection": [], "token": []}
    for kind, grant_id in set(used):
        ids[kind].append(grant_id)
    stale = Q(last_used_at=None) | Q(last_used_at__lt=at - USE_STEP)
    if ids["connection"]:
        Connection.objects.filter(stale, pk__in=ids["connection"]).update(last_used_at=at)
    if ids["token"]:
        ApiToken.objects.filter(stale, pk__in=ids["token"]).update(last_used_at=at)
