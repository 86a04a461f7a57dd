"""The frozen description of an experiment's design, its snapshot and the snapshot's hash. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """What is measured per unit; see ``experiments.models.Metric`` for the meaning of the sides.

    Attributes:
        type: ``proportion``, ``mean`` or ``ratio``.
        numerator_aggregation: ``exists``, ``count`` or ``sum`` of the numerator event per unit.
        denominator_event: Empty unless the metric is a ratio.
        direction: ``increase`` or ``decrease``: which way is better.
        unit: ``percent``, ``won`` or ``number``: how values are written.
    """

    key: str
    name: str
    type: str
    numerator_event: str
    numerator_aggregation: str
    denominator_event: str = ""
    denominator_aggregation: str = ""
    direction: str = "increase"
    unit: str = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDesign:
    """One arm; ``weight`` is its share of the units in 0..1, position 0 is the control."""

    id: int
    key: str
    name: str
    position: int
    weight: float
    value: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailDesign:
    """A metric that must not get worse by more than ``margin``, a share of the control's value."""

    metric: MetricDefinition
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Everything a launch freezes.

    Attributes:
        mde: Relative to the baseline (0.05 is 5%).
        coverage: Share of units that take part, 0..1.
        planned_units: In all variants together.
        baseline_deviation: Standard deviation of the OEC between units; None for a proportion.
        daily_units: New units per day that the plan counted on, before coverage.
    """

    key: str
    name: str
    team: str
    feature: str
    surface: str
    who: str
    what: str
    why: str
    expected_impact: str
    oec: MetricDefinition
    guardrails: tuple[GuardrailDesign, ...]
    variants: tuple[VariantDesign, ...]
    baseline: float | None
    mde: float
    alpha: float
    power: float
    coverage: float
    planned_units: int
    planned_days: int | None
    seed: str
    run_number: int
    baseline_deviation: float | None = None
    daily_units: int | None = None

    def metrics(self) -> tuple[MetricDefinition, ...]:
        """Return the OEC and the guardrails' metrics, each once, the OEC first."""
        found = {self.oec.key: self.oec}
        for guardrail in self.guardrails:
            found.setdefault(guardrail.metric.key, guardrail.metric)
        return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDesign:
    """A launched design with its run."""

    run_id: int
    design: Design
    status: str
    started_at: datetime
    stopped_at: datetime | None


def snapshot(design: Design) -> dict[str, Any]:
    """Return the design as JSON values."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(design)))
    return plain


def snapshot_hash(value: dict[str, Any]) -> str:
    """Return the SHA-256 of a snapshot in canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def from_snapshot(value: dict[str, Any]) -> Design:
    """Return the design that a snapshot describes."""
    plain = dict(value)
    plain["oec"] = MetricDefinition(**plain["oec"])
    plain["guardrails"] = tuple(
        GuardrailDesign(metric=MetricDefinition(**item["metric"]), margin=item["margin"])
        for item in plain["guardrails"]
    )
    plain["variants"] = tuple(VariantDesign(**item) for item in plain["variants"])
    return Design(**plain)
