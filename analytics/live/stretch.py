"""What a step reads: the transactions that ended between what was read and a later look. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.live.transactions import Visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Transactions visible in ``end`` and not in ``start``, whatever their numbers; ``step`` numbers the step."""

    start: Visible
    end: Visible
    step: int

    def bounds(self) -> dict[str, str]:
        """Return what statements bind: both sides, and between which numbers the new transactions lie."""
        return {
            "read": self.start.text,
            "to": self.end.text,
            "from": str(self.start.oldest),
            "before": str(self.end.before),
        }
