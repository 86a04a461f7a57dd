"""Who a program is: personal tokens and connections' keys, sent as ``Authorization: Bearer …``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import AuthenticationFailed

from novarium.portal import audit, grants_store
from novarium.portal.models import ApiToken, Connection, User
from novarium.portal.roles import Role

LONGEST_KEY = 128


@transaction.atomic
def create_token(*, user: User, name: str, scopes: Sequence[str], lifetime: timedelta) -> tuple[ApiToken, str]:
    """Make a token for the person; the secret is returned once and only its hash is kept."""
    manager = cast(Any, ApiToken.objects)  # knox's manager returns the token and its secret
    token, secret = manager.create(user=user, expiry=lifetime, name=name, scopes=list(scopes))
    audit.record(
        actor=user,
        action="token.create",
        object_type="token",
        object_key=token.token_key,
        after={"name": name, "scopes": list(scopes), "days": lifetime.days},
    )
    grants_store.changed()
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User, note: str = "") -> None:
    """Delete the token; it stops working at once."""
    audit.record(
        actor=actor,
        action="token.revoke",
        object_type="token",
        object_key=token.token_key,
        before={"name": token.name, "user": token.user.get_username()},
        note=note,
    )
    token.delete()
    grants_store.changed()


@transaction.atomic
def revoke_tokens_of(user: User, *, actor: User) -> int:
    """Delete all tokens of a person whose password was changed; return how many there were."""
    tokens = list(ApiToken.objects.select_related("user").filter(user=user))
    for token in tokens:
        revoke_token(token, actor=actor, note=_("The password was changed."))
    return len(tokens)


class TokenAuthentication(KnoxAuthentication):
    """Knox's check of a personal token's hash, and ours of a connection's key."""

    def authenticate_header(self, request: object) -> str:
        """Name the scheme in a 401."""
        return "Bearer"

    def authenticate_credentials(self, token: bytes) -> Any:
        """Find the token or key; knox would break on bytes that are no token of anybody."""
        if token.startswith(b"nvr_"):
            return _bearer_of_key(token)
        if not token.isalnum():
            raise AuthenticationFailed(_("Invalid token."))
        return super().authenticate_credentials(token)  # type: ignore[no-untyped-call]

    def validate_user(self, auth_token: ApiToken) -> Any:
        """Accept the token and note its use, at most once a minute so that reads stay reads."""
        accepted = super().validate_user(auth_token)  # type: ignore[no-untyped-call]
        _note_use("token", auth_token.digest, auth_token)
        return accepted


def _bearer_of_key(key: bytes) -> tuple[User, Connection]:
    """Return the person in whose place the connection acts, with the connection.

    The person made the connection; whatever their own roles are, it is an analyst of its team.
    """
    if len(key) > LONGEST_KEY or not key.isascii():
        raise AuthenticationFailed(_("Invalid key."))
    valid = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    found = Connection.objects.select_related("team", "created_by").filter(
        valid, key_digest=grants_store.digest(key.decode()), revoked_at=None
    )
    connection = found.first()
    if connection is None:
        raise AuthenticationFailed(_("Invalid key."))
    user = connection.created_by
    if not user.is_active:
        raise AuthenticationFailed(_("Whoever made this connection has no account any more. Make another one."))
    user.through = connection.name
    user.roles = {connection.team_id: Role.ANALYST}
    user.is_platform_admin = False
    _note_use("connection", str(connection.pk), connection)
    return user, connection


def _note_use(kind: str, grant_id: str, grant: ApiToken | Connection) -> None:
    if grant.last_used_at is None or grant.last_used_at < timezone.now() - grants_store.USE_STEP:
        grants_store.note_use([(kind, grant_id)])
