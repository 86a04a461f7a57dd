"""Background traffic: a few people every few seconds, so that the shop lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from novarium.portal import audit
from novarium.portal.models import User
from simulation.models import SwarmRun, TrafficSetting
from simulation.models.swarm import validate_mix_or_refuse
from simulation.swarm import runs

EVERY = 20  # seconds
KEPT = timedelta(days=1)


def setting() -> TrafficSetting:
    """Return the one row, made where it is missing."""
    found, _made = TrafficSetting.objects.get_or_create(pk=1)
    return found


def change(*, enabled: bool, visitors_per_minute: int, mix: Mapping[str, float], actor: User | None) -> TrafficSetting:
    """Turn the background traffic on or off, or change its rate or mix.

    Raises:
        Invalid: The mix does not sum to 100.
    """
    validate_mix_or_refuse(mix)
    with transaction.atomic():
        row = setting()
        before = _plain(row)
        row.enabled, row.visitors_per_minute, row.mix = enabled, visitors_per_minute, dict(mix)
        row.save()
        audit.record(
            actor=actor,
            action="traffic.change",
            object_type="traffic",
            object_key="background",
            before=before,
            after=_plain(row),
        )
    return row


def _plain(row: TrafficSetting) -> dict[str, object]:
    return {"enabled": row.enabled, "visitors_per_minute": row.visitors_per_minute, "mix": row.mix}


def next_run(*, now: datetime | None = None) -> SwarmRun | None:
    """Ask for the next few people; None where traffic is off or other people are still on their way."""
    at = now or timezone.now()
    SwarmRun.objects.filter(experiment_key="", requested_by=None, created_at__lt=at - KEPT).delete()
    row = setting()
    if not row.enabled or SwarmRun.objects.filter(status__in=runs.Unfinished).exists():
        return None
    visitors = max(1, round(row.visitors_per_minute * EVERY / 60))
    return runs.request(visitors=visitors, seed=int(at.timestamp() * 1000), mix=row.mix, actor=None)
