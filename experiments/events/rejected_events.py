"""Events that were refused: found by reason, time and text; mended and replayed, each once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.events import intake
from experiments.events.validation import EventFault
from experiments.models import RejectedEvent
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User

Outcome = Literal["stored", "duplicate"]
CHUNK = 200
MOST_AT_ONCE = 10_000
COUNTED_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRejections:
    """What a page of rejected events shows; an empty value filters nothing.

    Attributes:
        state: ``waiting``, ``replayed`` or empty.
        search: A part of the payload or of the detail.
    """

    reason: str = ""
    state: str = "waiting"
    since: date | None = None
    until: date | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay of many."""

    stored: int
    duplicate: int
    still_refused: int


def listed(wanted: WantedRejections) -> QuerySet[RejectedEvent]:
    """Return the rejected events that fit, newest first."""
    found = RejectedEvent.objects.order_by("-received_at", "pk")
    if wanted.reason:
        found = found.filter(reason=wanted.reason)
    if wanted.state in {"waiting", "replayed"}:
        found = found.filter(replayed_at__isnull=wanted.state == "waiting")
    if wanted.since:
        found = found.filter(received_at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(received_at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.search:
        found = found.annotate(text=Cast("payload", TextField())).filter(
            Q(text__icontains=wanted.search) | Q(detail__icontains=wanted.search)
        )
    return found


def counts_by_reason() -> list[dict[str, Any]]:
    """Return each reason with how many were refused, and how many of them wait; the most frequent first."""
    waiting = Count("pk", filter=Q(replayed_at__isnull=True))
    counted = RejectedEvent.objects.order_by().values("reason").annotate(total=Count("pk"), waiting=waiting)
    return [dict(row) for row in counted.order_by("-waiting", "-total", "reason")]


def counts_by_day() -> list[tuple[date, int]]:
    """Return how many were refused on each of the last 30 days, days without any included."""
    today = timezone.localdate()
    first = today - timedelta(days=COUNTED_DAYS - 1)
    found = RejectedEvent.objects.filter(received_at__gte=_midnight(first)).order_by()
    counted = dict(
        found.annotate(day=TruncDate("received_at")).values("day").annotate(n=Count("pk")).values_list("day", "n")
    )
    return [(day, counted.get(day, 0)) for day in (first + timedelta(days=n) for n in range(COUNTED_DAYS))]


def replay(rejected_id: uuid.UUID, payload: object, *, actor: User) -> Outcome:
    """Send a rejected event through the intake again, as it is or mended; it can be done once.

    Raises:
        Invalid: it is still not right.
        Conflict: it was replayed before.
    """
    (judged,) = intake.judge([payload])
    if isinstance(judged, EventFault):
        raise Invalid(str(judged), fields={"payload": [str(judged)]})
    with transaction.atomic():
        rejected = RejectedEvent.objects.select_for_update().get(pk=rejected_id)
        if not _take([rejected.pk]):
            raise Conflict(_("This event was replayed before."))
        (receipt,) = intake.receipts([judged], intake.keep([judged]))
        audit.record(
            actor=actor,
            action="rejected_event.replay",
            object_type="rejected_event",
            object_key=str(rejected.pk),
            before=rejected.payload,
            after={"payload": payload, "outcome": receipt.status},
        )
    return "stored" if receipt.status == "stored" else "duplicate"


def replay_all(reason: str, *, actor: User) -> Replayed:
    """Send all waiting events of one reason through the intake again, as they are; what is still refused stays.

    Of use once the catalogue knows the event or property, or the experiment runs.
    """
    ids = list(
        RejectedEvent.objects.filter(reason=reason, replayed_at=None)
        .order_by("received_at")
        .values_list("pk", flat=True)[:MOST_AT_ONCE]
    )
    counts: Counter[str] = Counter()
    for first in range(0, len(ids), CHUNK):
        counts += _replay_chunk(ids[first : first + CHUNK], reason, actor)
    return Replayed(counts["stored"], counts["duplicate"], counts["refused"])


def _replay_chunk(ids: Sequence[uuid.UUID], reason: str, actor: User) -> Counter[str]:
    with transaction.atomic():
        waiting = list(RejectedEvent.objects.select_for_update().filter(pk__in=ids, replayed_at=None).order_by("pk"))
        judged = intake.judge([rejected.payload for rejected in waiting])
        good = [
            (rejected.pk, item)
            for rejected, item in zip(waiting, judged, strict=True)
            if not isinstance(item, EventFault)
        ]
        counts = Counter({"refused": len(waiting) - len(good)})
        if good:
            _take([pk for pk, _item in good])
            items = [item for _pk, item in good]
            counts.update(receipt.status for receipt in intake.receipts(items, intake.keep(items)))
            audit.record(
                actor=actor,
                action="rejected_event.replay_all",
                object_type="rejected_event",
                object_key=reason,
                after=dict(counts),
            )
    return counts


def _take(ids: Sequence[uuid.UUID]) -> int:
    return RejectedEvent.objects.filter(pk__in=ids, replayed_at=None).update(replayed_at=timezone.now())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
