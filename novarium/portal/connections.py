"""Connections: make one with its key, change it, roll its key, revoke it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.portal import audit, grants_store
from novarium.portal.access import require
from novarium.portal.models import Connection, Team, User
from novarium.portal.models.connection import MOST_PER_MINUTE
from novarium.portal.roles import Action

KEY_BYTES = 24
SHOWN = 6  # characters of the key that tell it apart
MOST_ORIGINS = 20
ANY_ORIGIN = "*"
CLIENT_SCOPES = frozenset({Connection.Scope.EVALUATE.value, Connection.Scope.INGEST.value})
_CHANGEABLE = ("name", "origins", "per_minute", "logs_exposures", "expires_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may change about a connection after it was made; ``origins`` as typed."""

    name: str
    origins: tuple[str, ...] = ()
    per_minute: int = 6000
    logs_exposures: bool = True
    expires_at: datetime | None = None


def get_connection(user: User, connection_id: int, action: Action = Action.READ) -> Connection:
    """Return the connection with its team and maker.

    Raises:
        NotFound: there is none.
        Forbidden: the person may not do the action to it.
    """
    found = Connection.objects.select_related("team", "created_by").filter(pk=connection_id).first()
    if found is None:
        raise NotFound(_("There is no such connection."))
    require(user, action, found.team_id)
    return found


def create(*, team: Team, kind: str, scopes: Sequence[str], settings: Settings, actor: User) -> tuple[Connection, str]:
    """Make a connection; its key is returned once and only its hash is kept.

    Raises:
        Invalid: a value breaks a rule; ``fields`` says which.
        Forbidden: the person is no lead of the team.
    """
    require(actor, Action.CONNECT, team.pk)
    columns = _checked(kind, settings)
    _check_scopes(kind, scopes)
    key = _new_key(kind)
    made = Connection(
        team=team, kind=kind, scopes=sorted(set(scopes)), created_by=actor, **_key_columns(key), **columns
    )
    with transaction.atomic():
        _save(made)
        after = {"kind": kind, "scopes": made.scopes, **_plain(columns)}
        _record("connection.create", made, actor, after=after)
        grants_store.changed()
    return made, key


def change(connection: Connection, settings: Settings, *, actor: User) -> None:
    """Change the name, origins, rate, end or exposure logging; kind and scopes stay what the key was made for.

    Raises:
        Invalid: a value breaks a rule.
        Conflict: it was revoked.
        Forbidden: the person is no lead of the team.
    """
    require(actor, Action.CONNECT, connection.team_id)
    columns = _checked(connection.kind, settings)
    with transaction.atomic():
        locked = _lock(connection)
        changed = {name: value for name, value in columns.items() if getattr(locked, name) != value}
        if not changed:
            return
        before = {name: getattr(locked, name) for name in changed}
        for name, value in changed.items():
            setattr(locked, name, value)
        _save(locked, update_fields=list(changed))
        _record("connection.change", locked, actor, before=_plain(before), after=_plain(changed))
        grants_store.changed()


def roll(connection: Connection, *, actor: User) -> tuple[Connection, str]:
    """Give the connection another key; the former one is refused from then on.

    Raises:
        Conflict: it was revoked.
        Forbidden: the person is no lead of the team.
    """
    require(actor, Action.CONNECT, connection.team_id)
    key = _new_key(connection.kind)
    with transaction.atomic():
        locked = _lock(connection)
        before = locked.key_prefix
        for name, value in _key_columns(key).items():
            setattr(locked, name, value)
        locked.save(update_fields=["key_prefix", "key_digest"])
        _record(
            "connection.roll",
            locked,
            actor,
            before={"key_prefix": before},
            after={"key_prefix": locked.key_prefix},
        )
        grants_store.changed()
    return locked, key


def revoke(connection: Connection, *, actor: User) -> None:
    """End the connection for good.

    Raises:
        Conflict: it was revoked before.
        Forbidden: the person is no lead of the team.
    """
    require(actor, Action.CONNECT, connection.team_id)
    with transaction.atomic():
        locked = _lock(connection)
        locked.revoked_at = timezone.now()
        locked.save(update_fields=["revoked_at"])
        _record("connection.revoke", locked, actor, before={"key_prefix": locked.key_prefix})
        grants_store.changed()


def clean_origins(given: Sequence[str]) -> tuple[str, ...]:
    """Return web origins in the form in which browsers send them, each once.

    Raises:
        Invalid: one is no origin, or there are too many.

    >>> clean_origins(["HTTPS://Shop.example/", "http://localhost:3000"])
    ('https://shop.example', 'http://localhost:3000')
    """
    found = dict.fromkeys(_origin(text.strip()) for text in given if text.strip())
    if len(found) > MOST_ORIGINS:
        raise _wrong_origins(_("At most %(n)d origins.") % {"n": MOST_ORIGINS})
    return tuple(found)


def _origin(text: str) -> str:
    if text == ANY_ORIGIN:
        return text
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host = host.encode("idna").decode() if not host.isascii() else host
    except (ValueError, UnicodeError) as error:
        raise _wrong_origins(_not_an_origin(text)) from error
    clean_host = bool(host) and all(character.isalnum() or character in "-._" for character in host)
    more = parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not clean_host or more or len(host) > 240:
        raise _wrong_origins(_not_an_origin(text))
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host.lower()}" + (f":{port}" if port and port != usual else "")


def _not_an_origin(text: str) -> str:
    return _("“%(text)s” is no origin. Write scheme and host, such as https://shop.example.") % {"text": text[:80]}


def _wrong_origins(sentence: str) -> Invalid:
    return Invalid(_("Some origins are not right."), fields={"origins": [sentence]})


def _checked(kind: str, settings: Settings) -> dict[str, Any]:
    problems: dict[str, list[str]] = {}
    name = settings.name.strip()
    if not name or len(name) > 80:
        problems["name"] = [_("Give a name of at most 80 characters.")]
    if not 1 <= settings.per_minute <= MOST_PER_MINUTE:
        problems["per_minute"] = [_("From 1 to 1,000,000 calls a minute.")]
    if settings.expires_at and settings.expires_at <= timezone.now():
        problems["expires_at"] = [_("Choose a time to come.")]
    origins: tuple[str, ...] = ()
    try:
        origins = clean_origins(settings.origins)
    except Invalid as error:
        problems |= error.fields
    if origins and kind != Connection.Kind.CLIENT:
        problems["origins"] = [_("A server key is never used in a web page, so it has no origins.")]
    if problems:
        raise Invalid(_("The connection is not right."), fields=problems)
    values = (name, list(origins), settings.per_minute, settings.logs_exposures, settings.expires_at)
    return dict(zip(_CHANGEABLE, values, strict=True))


def _check_scopes(kind: str, scopes: Sequence[str]) -> None:
    sentence = ""
    if kind not in Connection.Kind.values:
        raise Invalid(_("The connection is not right."), fields={"kind": [_("Choose where the key is kept.")]})
    if not scopes or not set(scopes) <= set(Connection.Scope.values):
        sentence = _("Choose what the key may be used for.")
    elif kind == Connection.Kind.CLIENT and not CLIENT_SCOPES.issuperset(scopes):
        sentence = _("Anybody can read a client key, so it may only evaluate features and send events.")
    if sentence:
        raise Invalid(_("The connection is not right."), fields={"scopes": [sentence]})


def _new_key(kind: str) -> str:
    return f"nvr_{kind}_{secrets.token_hex(KEY_BYTES)}"


def _key_columns(key: str) -> dict[str, str]:
    shown = key.rindex("_") + 1 + SHOWN
    return {"key_prefix": key[:shown], "key_digest": grants_store.digest(key)}


def _lock(connection: Connection) -> Connection:
    locked = Connection.objects.select_for_update().get(pk=connection.pk)
    if locked.revoked_at:
        raise Conflict(_("This connection was revoked. Make another one."))
    return locked


def _save(connection: Connection, *, update_fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            connection.save(update_fields=update_fields)
    except IntegrityError as error:
        if "connection_name_once_a_team" in str(error):
            sentence = _("The team has a connection of this name.")
            raise Invalid(_("This name is taken."), fields={"name": [sentence]}) from error
        raise


def _plain(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in columns.items()}


def history_stem(connection: Connection) -> str:
    """Return what the audit log's keys of the connection begin with, whatever its name was at the time."""
    return f"{connection.pk}:"


def _record(action: str, connection: Connection, actor: User, *, before: Any = None, after: Any = None) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="connection",
        object_key=f"{history_stem(connection)}{connection.name}",
        team_id=connection.team_id,
        before=before,
        after=after,
    )
