"""The door through which other apps use analytics: decide on a run, with frozen dataclasses."""

from __future__ import annotations

from analytics.decisions import Reasons, adopt, reject, revision_looked_at

__all__ = ["Reasons", "adopt", "reject", "revision_looked_at"]
