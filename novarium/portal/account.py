"""What people change about themselves, in the audit log like everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from novarium.portal import audit, notify
from novarium.portal.models import MailChoice, User


def change_profile(user: User, given: Mapping[str, Any]) -> None:
    """Write what differs, and nothing else: what an administrator changes meanwhile stays."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        changed = {name: value for name, value in given.items() if getattr(locked, name) != value}
        if not changed:
            return
        before = {name: getattr(locked, name) for name in changed}
        for name, value in changed.items():
            setattr(locked, name, value)
            setattr(user, name, value)
        locked.save(update_fields=list(changed))
        _record(user, "account.profile", before=before, after=changed)


def choose_mail(user: User, kinds: Sequence[str]) -> None:
    """Set which kinds of message the person also gets by e-mail."""
    with transaction.atomic():
        before = notify.mailed_kinds(user)
        MailChoice.objects.update_or_create(user=user, defaults={"kinds": list(kinds)})
        _record(user, "account.mail", before={"kinds": before}, after={"kinds": list(kinds)})


def _record(user: User, action: str, *, before: object, after: object) -> None:
    audit.record(
        actor=user, action=action, object_type="user", object_key=user.get_username(), before=before, after=after
    )
