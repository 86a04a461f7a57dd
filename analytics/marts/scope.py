"""What a build covers: a dataset and its days, with all bounds that the SQL files ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from analytics.marts.catalogue import parts_in, readable
from analytics.marts.zone import DAY_MS, END_MS, FIRST_DAY, LAST_DAY, Offset, date_of, day_number, offsets
from analytics.models import Dataset

LAST_MS = day_number(date(9999, 1, 1)) * DAY_MS  # as far as a timestamp with a zone is safe
EARLIEST = date(1990, 1, 1)  # offsets of years before are taken for those of 1990
LATEST = date(2060, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A dataset and a range of its days.

    Attributes:
        first_day: In days since 1970-01-01 in the dataset's zone, included.
        last_day: Likewise, included.
        shards: Into how many parts visitors are split; each build of facts takes one of them.
        shard: Which part this is, from 0.
    """

    dataset_id: int
    form: str
    zone: ZoneInfo
    first_day: int = FIRST_DAY
    last_day: int = LAST_DAY
    shards: int = 1
    shard: int = 0
    zone_offsets: tuple[Offset, ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Whether every day is built."""
        return self.first_day == FIRST_DAY and self.last_day == LAST_DAY

    def part(self, shard: int, shards: int) -> Scope:
        """Return the same days for one part of the visitors."""
        return replace(self, shard=shard, shards=shards)

    def within(self, first_day: int, last_day: int) -> Scope:
        """Return the dataset's other days."""
        return replace(self, first_day=first_day, last_day=last_day)

    @property
    def bounds(self) -> Mapping[str, Any]:
        """Return the values that the SQL files name."""
        from_ms, until_ms = self._milliseconds()
        first, last = date_of(self.first_day), date_of(self.last_day)
        return {
            "dataset_id": self.dataset_id,
            "zone": self.zone.key,
            "first_day": self.first_day,
            "last_day": self.last_day,
            "since": _moment(from_ms),
            "until": _moment(until_ms),
            "from_ms": from_ms,
            "until_ms": until_ms,
            "from_date": int(first.strftime("%Y%m%d")),
            "until_date": int(last.strftime("%Y%m%d")),
            "shards": self.shards,
            "shard": self.shard,
        }

    def _milliseconds(self) -> tuple[int, int]:
        """Return bounds within which all of the days lie, whichever offset of the zone holds.

        The day of each event is computed with the offset that does hold, and what lies outside is left out there.
        """
        if self.is_whole:
            return 0, END_MS
        found = [offset.offset_ms for offset in self.zone_offsets]
        return self.first_day * DAY_MS - max(found), (self.last_day + 1) * DAY_MS - min(found)


def scope_of(dataset: Dataset, *, first: date | None = None, last: date | None = None) -> Scope:
    """Return a dataset's days from first to last; every day where first is None."""
    zone = ZoneInfo(dataset.zone or settings.TIME_ZONE)
    earliest, latest = (first, last or first) if first else _span(dataset, zone)
    scope = Scope(
        dataset_id=dataset.pk,
        form=dataset.form,
        zone=zone,
        zone_offsets=offsets(zone, first=earliest, last=latest),
    )
    if first is None:
        return scope
    return scope.within(day_number(first), day_number(last or first))


def _span(dataset: Dataset, zone: ZoneInfo) -> tuple[date, date]:
    """Return days between which all raw rows lie; far ones where the zone's offset has not changed between those.

    Each offset is compared with each row: those of years without rows would only cost.
    """
    if len(offsets(zone, first=EARLIEST, last=LATEST)) == 1:
        return EARLIEST, LATEST
    with connection.cursor() as cursor:
        bounds: list[int] = []
        for part in readable(cursor, parts_in(f"span/{dataset.form}")):
            cursor.execute(part.text, {"dataset_id": dataset.pk})
            bounds += [at_ms for at_ms in cursor.fetchone() if at_ms is not None]
    days = [date_of(at_ms // DAY_MS) for at_ms in bounds or [day_number(EARLIEST) * DAY_MS]]
    return max(min(days), EARLIEST), min(max(days), LATEST)


def _moment(at_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(at_ms, LAST_MS))
