"""API tokens: making them and authenticating by them."""

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

from novarium.portal import audit
from novarium.portal.models import ApiToken, User

LAST_USED_STEP = timedelta(minutes=1)


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
    return token, secret


class TokenAuthentication(KnoxAuthentication):
    """Knox's check of the hashed token, sent as ``Authorization: Bearer …``."""

    def authenticate_header(self, request: object) -> str:
        """Name the scheme in a 401."""
        return "Bearer"

    def authenticate_credentials(self, token: bytes) -> Any:
        """Find the token; knox would break on bytes that are no token of anybody."""
        if not token.isalnum():
            raise AuthenticationFailed(_("Invalid token."))
        return super().authenticate_credentials(token)  # type: ignore[no-untyped-call]

    def validate_user(self, auth_token: ApiToken) -> Any:
        """Accept the token and note its use, at most once a minute so that reads stay reads."""
        accepted = super().validate_user(auth_token)  # type: ignore[no-untyped-call]
        now = timezone.now()
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_STEP)
        if auth_token.last_used_at is None or auth_token.last_used_at < now - LAST_USED_STEP:
            ApiToken.objects.filter(stale, pk=auth_token.pk).update(last_used_at=now)
        return accepted
