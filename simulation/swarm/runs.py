"""Runs and batches of the swarm: who may work on what, what is done, and what is left; all by compare-and-set.

How nobody is counted twice: the shop commits a visitor's first event before it answers, and a visitor's unit id
follows from the run's seed and the visitor's number. So the shop's own events are the checkpoint. A worker that takes
over a batch from one that died asks which of its visitors have already been to the shop, and sends only the others.
A visit that the death cut short stays cut short, like that of a person whose battery ran out: it is neither repeated
nor finished. That concerns at most the visits that were under way.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from novarium.kernel import sql
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User
from simulation.models import SwarmBatch, SwarmRun
from simulation.models.swarm import MOST_SEED, MOST_VISITORS, validate_mix_or_refuse

BATCH = 200
MOST_TAKEN_OVER = 60  # batches at a time: a run that only waits behind another one is not queued again in full
SILENCE = timedelta(seconds=30)  # a worker signs every second; after this long it is taken for dead
Status = SwarmRun.Status
Unfinished = (Status.WAITING, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a batch."""

    batch_id: int
    run_id: int
    token: uuid.UUID
    first: int
    size: int
    seed: int
    mix: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """The experiment for which people are sent; its team and run number."""

    experiment_key: str
    run_number: int
    team_id: int


def request(
    *, visitors: int, seed: int, mix: Mapping[str, float], actor: User | None, target: Target | None = None
) -> SwarmRun:
    """Ask for people to visit the shop.

    Args:
        visitors: How many; each is sent, none is weighted.
        seed: Which people; the same seed sends the same ones.
        mix: The personas' shares in per cent.
        actor: Who asks; None for background traffic.
        target: The experiment for which they are sent, None for background traffic.

    Raises:
        Invalid: A number out of bounds, or a mix that does not sum to 100.
        Conflict: People of the same seed are still on their way.
    """
    fields = _faults(visitors=visitors, seed=seed)
    if fields:
        raise Invalid(_("Some numbers are out of bounds."), fields=fields)
    validate_mix_or_refuse(mix)
    try:
        with transaction.atomic():
            run = SwarmRun.objects.create(
                experiment_key=target.experiment_key if target else "",
                experiment_run=target.run_number if target else None,
                visitors=visitors,
                seed=seed,
                mix=dict(mix),
                requested_by=actor,
            )
            SwarmBatch.objects.bulk_create(
                SwarmBatch(run=run, number=number, first=first, size=min(BATCH, visitors - first))
                for number, first in enumerate(range(0, visitors, BATCH))
            )
            if target is not None:
                audit.record(
                    actor=actor,
                    action="swarm.request",
                    object_type="experiment",
                    object_key=target.experiment_key,
                    team_id=target.team_id,
                    after={"visitors": visitors, "seed": seed, "mix": dict(mix), "swarm_run": run.pk},
                )
    except IntegrityError as error:
        if "swarm_run_seed_once_at_a_time" in str(error):
            raise Conflict(_("People of this seed are still on their way. Wait, or choose another seed.")) from error
        raise
    return run


def _faults(*, visitors: int, seed: int) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    if not 1 <= visitors <= MOST_VISITORS:
        fields["visitors"] = [_("Choose a number from 1 to %(most)d.") % {"most": MOST_VISITORS}]
    if not 0 <= seed <= MOST_SEED:
        fields["seed"] = [_("Choose a number from 0 to %(most)d.") % {"most": MOST_SEED}]
    return fields


def cancel(run: SwarmRun, *, actor: User, team_id: int | None = None) -> None:
    """Call back the people who have not started; those in the shop finish their visit.

    Raises:
        Conflict: The run has ended.
    """
    with transaction.atomic():
        held = SwarmRun.objects.select_for_update(no_key=True).filter(pk=run.pk, status__in=Unfinished).first()
        if held is None:
            raise Conflict(_("This run has already ended."))
        before = _state_of(held)
        held.status, held.finished_at = Status.CANCELLED, timezone.now()
        held.save(update_fields=["status", "finished_at"])
        SwarmBatch.objects.filter(run_id=run.pk, status=Status.WAITING).update(status=Status.CANCELLED)
        audit.record(
            actor=actor,
            action="swarm.cancel",
            object_type="experiment" if held.experiment_key else "swarm_run",
            object_key=held.experiment_key or str(held.pk),
            team_id=team_id,
            before=before,
            after=_state_of(held),
        )


def _state_of(run: SwarmRun) -> dict[str, object]:
    return {"swarm_run": run.pk, "status": run.status, "visitors": run.visitors, "visits": run.visits}


def claim(batch_id: int, *, now: datetime | None = None) -> Claim | None:
    """Take the batch, or return None where it is done, called back, or held by a living worker."""
    at = now or timezone.now()
    token = uuid.uuid4()
    free = Q(status=Status.WAITING) | Q(status=Status.RUNNING, heartbeat_at__lt=at - SILENCE)
    taken = SwarmBatch.objects.filter(free, pk=batch_id, run__status__in=Unfinished).update(
        status=Status.RUNNING, claim=token, heartbeat_at=at
    )
    if not taken:
        return None
    batch = SwarmBatch.objects.select_related("run").get(pk=batch_id)
    SwarmRun.objects.filter(pk=batch.run_id, status=Status.WAITING).update(status=Status.RUNNING, started_at=at)
    run = batch.run
    return Claim(batch.pk, run.pk, token, batch.first, batch.size, run.seed, run.mix)


def report(held: Claim, *, visits: int, orders: int, errors: int) -> bool:
    """Note a batch's counts so far and sign that its worker lives; False where the work shall stop."""
    noted = SwarmBatch.objects.filter(pk=held.batch_id, claim=held.token, status=Status.RUNNING).update(
        visits=visits, orders=orders, errors=errors, heartbeat_at=timezone.now()
    )
    _sum_up(held.run_id)
    return bool(noted) and SwarmRun.objects.filter(pk=held.run_id, status=Status.RUNNING).exists()


def let_go(held: Claim, *, done: bool) -> None:
    """End the hold on a batch: it is finished, called back with its run, or waits for another worker."""
    cancelled = SwarmRun.objects.filter(pk=held.run_id, status=Status.CANCELLED).exists()
    rest = Status.CANCELLED if cancelled else Status.WAITING
    SwarmBatch.objects.filter(pk=held.batch_id, claim=held.token, status=Status.RUNNING).update(
        status=Status.FINISHED if done else rest
    )
    _sum_up(held.run_id)
    if not SwarmBatch.objects.filter(run_id=held.run_id, status__in=Unfinished).exists():
        SwarmRun.objects.filter(pk=held.run_id, status=Status.RUNNING).update(
            status=Status.FINISHED, finished_at=timezone.now()
        )


def _sum_up(run_id: int) -> None:
    """Set the run's counts to the sums of its batches'; one worker at a time, so that no older sums come last."""
    with transaction.atomic():
        run = SwarmRun.objects.filter(pk=run_id)
        if not list(run.select_for_update(no_key=True).values_list("pk")):
            return
        sums = SwarmBatch.objects.filter(run_id=run_id).aggregate(
            visits=Sum("visits"), orders=Sum("orders"), errors=Sum("errors")
        )
        run.update(**sums)


def been_there(held: Claim, units: Sequence[str]) -> dict[str, int]:
    """Return those of the units that the run has already sent to the shop, with their orders."""
    since = SwarmRun.objects.values_list("created_at", flat=True).get(pk=held.run_id)
    rows = sql.rows("simulation/sql/been_there.sql", {"units": list(units), "since": since})
    return {row["unit_id"]: row["orders"] for row in rows}


def stalled(*, now: datetime | None = None) -> list[int]:
    """Return the unfinished batches of runs in which no worker has given a sign of life lately."""
    at = now or timezone.now()
    silent = (
        SwarmRun.objects.filter(status__in=Unfinished, created_at__lt=at - SILENCE)
        .annotate(last_sign=Max("batches__heartbeat_at"))
        .filter(Q(last_sign__isnull=True) | Q(last_sign__lt=at - SILENCE))
        .values("pk")
    )
    return list(
        SwarmBatch.objects.filter(run__in=silent, status__in=Unfinished)
        .order_by("run", "number")
        .values_list("pk", flat=True)[:MOST_TAKEN_OVER]
    )


def batches_of(run_id: int) -> list[int]:
    """Return the run's unfinished batches in order."""
    found = SwarmBatch.objects.filter(run_id=run_id, status__in=Unfinished).order_by("number")
    return list(found.values_list("pk", flat=True))
