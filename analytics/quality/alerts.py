"""Tell the owners of a check when it begins to fail and when it passes again, once each."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analytics.models import CheckResult, Dataset
from analytics.quality.checks import BLOCK, Check
from novarium.portal import notify
from novarium.portal.models import Kind, Team, User
from novarium.portal.roles import Role


def tell(check: Check, result: CheckResult, *, has_recovered: bool) -> None:
    """Tell the owners, and the teams that have a Slack channel.

    Args:
        has_recovered: Whether the check failed before and passes now on every day; else it is the other way round.
    """
    if has_recovered:
        words = _("{check} passes again on {dataset}.")
    elif check.severity == BLOCK:
        words = _("{check} fails on {dataset} and holds what depends on it: {rows} offending rows. {action}")
    else:
        words = _("{check} warns of {rows} rows of {dataset}. {action}")
    dataset = Dataset.objects.get(pk=result.dataset_id)
    text = format_lazy(words, check=check.label, dataset=dataset.name, rows=result.rows, action=check.advice)
    url = f"{reverse('data:quality')}?dataset={dataset.key}#{check.name}"
    key = f"quality:{result.pk}"
    notify.notify(owners(check), text=text, url=url, kind=Kind.QUALITY, key=key)
    for team in Team.objects.filter(key__in=settings.SLACK_WEBHOOKS):
        notify.announce(team, text=text, url=url, kind=Kind.QUALITY, key=key)


def owners(check: Check) -> list[User]:
    """Return the people of the role that owns the check."""
    people = User.objects.filter(is_active=True)
    if check.owner == Role.ADMIN:
        return list(people.filter(is_superuser=True, is_staff=True))
    return list(people.filter(memberships__role=check.owner).distinct())
