"""What fails now, and what may not be done because of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.marts.zone import date_of, day_number
from analytics.models import AcceptedFailure, CheckFailure, Dataset
from analytics.models.imported import RECEIVED_ID
from analytics.quality.checks import BLOCK, Held, check_named, holding
from experiments.public import RunDesign
from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.portal import audit, numbers
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.roles import Action

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A check that fails on a day; ``samples`` are some of its offending rows."""

    check: str
    day: int | None
    rows: int
    samples: Sequence[dict[str, Any]]

    @property
    def sentence(self) -> str:
        """What fails, in the reader's language."""
        check = check_named(self.check)
        values = {
            "check": check.label if check else self.check,
            "day": _("every day") if self.day is None else date_format(date_of(self.day)),
            "rows": numbers.number(self.rows),
            "action": check.advice if check else "",
        }
        return _("%(check)s, %(day)s: %(rows)s offending rows. %(action)s") % values


def open_failures(what: Held, *, dataset_id: int, first_day: int, last_day: int) -> list[Failure]:
    """Return the blocking failures on these days that hold this and that nobody accepted."""
    return _grouped(_open(what, dataset_id).filter(_on(first_day, last_day)))


def failures_touching(run: RunDesign) -> list[Failure]:
    """Return the blocking failures that touch a run: its days, and its metrics' events or the run itself."""
    zone = ZoneInfo(Dataset.objects.values_list("zone", flat=True).get(pk=RECEIVED_ID) or settings.TIME_ZONE)

    def day_of(moment: datetime) -> int:
        return day_number(moment.astimezone(zone).date())

    metrics = run.design.metrics()
    events = {name for metric in metrics for name in (metric.numerator_event, metric.denominator_event) if name}
    found = _open("decisions", RECEIVED_ID).filter(
        _on(day_of(run.started_at), day_of(run.stopped_at or timezone.now())),
        Q(event="") | Q(event__in=events),
        Q(run_id=None) | Q(run_id=run.run_id),
    )
    return _grouped(found)


def refuse_decision(run: RunDesign) -> None:
    """Refuse to decide while a blocking failure touches the run; there is no override but repair.

    Raises:
        Conflict: one does; the message names the checks and shows offending rows.
    """
    found = failures_touching(run)
    if found:
        raise Conflict(
            "\n".join([_("Quality gates hold decisions on this experiment."), *in_words(found, with_rows=True)])
        )


def in_words(found: Sequence[Failure], *, with_rows: bool = False) -> list[str]:
    """Return the failures as sentences, and some of their rows."""
    lines = []
    for failure in found:
        lines.append(failure.sentence)
        if with_rows:
            lines += [", ".join(f"{k}={v}" for k, v in row.items() if v is not None) for row in failure.samples]
    return lines


def accept(*, dataset: Dataset, check: str, day: int | None, reason: str, actor: User) -> AcceptedFailure:
    """Accept a failure of a day as it is: it stops nothing any more, until it gets worse.

    Raises:
        Forbidden: the person is no admin.
        Invalid: there is no reason.
        NotFound: the check does not fail on the day.
    """
    require(actor, Action.ADMINISTER)
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": [_("Write a sentence or two.")]})
    with transaction.atomic():
        failing = CheckFailure.objects.select_for_update().filter(dataset_id=dataset.pk, check_name=check, day=day)
        rows = sum(failure.rows for failure in failing)
        if not rows:
            raise NotFound(_("This check does not fail on this day."))
        accepted, _created = AcceptedFailure.objects.update_or_create(
            dataset_id=dataset.pk,
            check_name=check,
            day=day,
            defaults={"rows": rows, "reason": reason.strip(), "accepted_by": actor},
        )
        CheckFailure.objects.filter(dataset_id=dataset.pk, check_name=check, day=day).update(is_accepted=True)
        audit.record(
            actor=actor,
            action="quality.accept",
            object_type="check",
            object_key=check,
            after={"dataset": dataset.key, "day": "" if day is None else str(date_of(day)), "rows": rows},
            note=reason.strip(),
        )
    return accepted


def _open(what: Held, dataset_id: int) -> QuerySet[CheckFailure]:
    return CheckFailure.objects.filter(
        dataset_id=dataset_id, severity=BLOCK, is_accepted=False, check_name__in=holding(what)
    )


def _on(first_day: int, last_day: int) -> Q:
    return Q(day=None) | Q(day__gte=first_day, day__lte=last_day)


def _grouped(found: QuerySet[CheckFailure]) -> list[Failure]:
    rows = found.order_by().values("check_name", "day", "result_id", "result__samples").annotate(total=Sum("rows"))
    return [
        Failure(
            check=row["check_name"],
            day=row["day"],
            rows=row["total"],
            samples=[sample for sample in row["result__samples"] if row["day"] is None or sample["day"] == row["day"]][
                :SHOWN_ROWS
            ],
        )
        for row in sorted(rows, key=lambda row: (row["day"] is not None, row["day"], row["check_name"]))
    ]
