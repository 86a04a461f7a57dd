"""Is what was frozen at the launch still what it was?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from experiments.designs.design import snapshot, snapshot_hash
from experiments.designs.drafting import read_design
from experiments.models import Experiment, Run


@dataclass(frozen=True, slots=True)
class FreezeCheck:
    """Whether the snapshot fits its hash, and which parts of the design differ from the snapshot."""

    fits_hash: bool
    differing: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing changed since the launch."""
        return self.fits_hash and not self.differing


def check(run: Run, experiment: Experiment) -> FreezeCheck:
    """Compare a run's snapshot with its hash and, unless a reset has opened the design again, with the design."""
    fits = snapshot_hash(run.snapshot) == run.snapshot_hash
    if experiment.status == Experiment.Status.DRAFT or run.number != experiment.run_number:
        return FreezeCheck(fits, ())
    now = snapshot(read_design(experiment))
    return FreezeCheck(fits, tuple(sorted(name for name in run.snapshot if not _same(name, run.snapshot, now))))


def _same(name: str, frozen: dict[str, Any], now: dict[str, Any]) -> bool:
    """Compare a part of the design; metrics by their keys, since a launch keeps the version that it froze."""
    if name == "oec":
        return bool(frozen[name]["key"] == now[name]["key"])
    if name == "guardrails":
        return _margins(frozen[name]) == _margins(now[name])
    return bool(frozen[name] == now.get(name))


def _margins(guardrails: list[dict[str, Any]]) -> dict[str, float]:
    return {item["metric"]["key"]: item["margin"] for item in guardrails}
