"""Which transactions' rows are visible: at one look, and between what was read and one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from novarium.kernel import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """Transactions that have ended: those before ``before`` but for the ``running`` ones; Postgres' pg_snapshot.

    >>> Visible.of("10:20:10,14").cut(12)
    Visible(before=12, running=(10,))
    """

    before: int
    running: tuple[int, ...] = ()

    @classmethod
    def of(cls, text: str) -> Visible:
        """Return what Postgres writes as ``xmin:xmax:running``."""
        _oldest, before, running = text.split(":")
        return cls(before=int(before), running=tuple(int(one) for one in running.split(",") if one))

    @property
    def oldest(self) -> int:
        """The first transaction that is not visible."""
        return min((*self.running, self.before))

    @property
    def text(self) -> str:
        """The same as Postgres writes it."""
        return f"{self.oldest}:{self.before}:{','.join(map(str, self.running))}"

    def cut(self, before: int) -> Visible:
        """Return those of them before a transaction."""
        return Visible(before=before, running=tuple(one for one in self.running if one < before))


NOTHING = Visible(before=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is visible, and at which moment by Postgres' clock."""

    visible: Visible
    at: datetime


def look() -> Look:
    """Return what is visible now."""
    row = sql.rows("analytics/sql/live/transactions.sql")[0]
    return Look(visible=Visible.of(row["visible"]), at=row["at"])
