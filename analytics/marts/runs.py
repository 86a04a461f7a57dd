"""Ask for a build, run it, and log it."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.marts.build import build
from analytics.models import MartRun
from novarium.kernel.errors import Invalid
from novarium.portal import audit
from novarium.portal.models import User

logger = logging.getLogger(__name__)

KEPT_PROGRESS = 60 * 60


def request_build(*, target_date: date | None, actor: User | None) -> MartRun:
    """Put a build in the log; the caller hands its id to a worker.

    Raises:
        Invalid: the day lies in the future.
    """
    if target_date and target_date > timezone.localdate():
        raise Invalid(
            _("This day has not begun."), fields={"day": [_("Choose a day that has begun in the reporting zone.")]}
        )
    run = MartRun.objects.create(target_date=target_date, requested_by=actor)
    if actor:
        audit.record(
            actor=actor,
            action="marts.build",
            object_type="marts",
            object_key=str(target_date or "full"),
            after={"run": run.pk},
        )
    return run


def run_build(run: MartRun) -> MartRun:
    """Build what the run asks for and log how it went; a finished run is left alone, a broken-off one starts again.

    Raises:
        DatabaseError: a statement failed; the log says which, and no mart has changed.
    """
    waiting = MartRun.objects.filter(pk=run.pk).exclude(status__in=[MartRun.Status.DONE, MartRun.Status.FAILED])
    if not waiting.update(status=MartRun.Status.RUNNING, started_at=timezone.now()):
        run.refresh_from_db()
        return run
    try:
        steps = build(run.target_date, progress=lambda name, done, total: _tell(run, name, done, total))
    except DatabaseError as error:
        _finish(run, status=MartRun.Status.FAILED, problem=f"{progress_of(run).get('step', '')}: {error}".strip())
        raise
    _finish(run, status=MartRun.Status.DONE, steps=[asdict(step) for step in steps])
    return run


def progress_of(run: MartRun) -> dict[str, Any]:
    """Return the step, how many are done and how many there are, while the run is being built."""
    found: dict[str, Any] | None = cache.get(_key(run))
    return found or {}


def yesterday() -> date:
    """Return the last whole day in the reporting zone."""
    return timezone.localdate() - timedelta(days=1)


def _tell(run: MartRun, name: str, done: int, total: int) -> None:
    cache.set(_key(run), {"step": name, "done": done, "all": total}, KEPT_PROGRESS)


def _finish(run: MartRun, **changes: Any) -> None:
    MartRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), **changes)
    run.refresh_from_db()
    logger.info("Built marts", extra={"run": run.pk, "status": run.status})


def _key(run: MartRun) -> str:
    return f"marts:{run.pk}"
