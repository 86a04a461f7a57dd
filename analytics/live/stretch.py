"""A stretch of transactions that have ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Transactions from ``start`` on and before ``end``."""

    start: int
    end: int

    def bounds(self) -> dict[str, str]:
        """Return what statements bind: as text, since an xid8 has no other form."""
        return {"from": str(self.start), "to": str(self.end)}
