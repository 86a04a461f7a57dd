"""The frozen description of an experiment's design, its snapshot and the snapshot's hash. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFilter:
    """A condition on an event's property; see ``experiments.metrics.filters`` for what the operators mean."""

    property: str
    operator: str
    value: Any

    def __post_init__(self) -> None:
        """Keep a list as a tuple, so that a filter equals the one that its JSON gives back."""
        if isinstance(self.value, list):
            object.__setattr__(self, "value", tuple(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """What is measured per unit; see ``experiments.models.Metric`` for the meaning of the sides and types.

    Attributes:
        type: ``proportion``, ``mean``, ``ratio``, ``quantile``, ``retention`` or ``funnel``.
        numerator_aggregation: How the unit's numerator events become a number: ``exists``, ``once``, ``repeat``,
            ``count``, ``sum`` or ``hours``.
        denominator_event: Empty unless the metric is a ratio or a funnel step.
        numerator_property: The number that is summed; empty for the event's amount.
        numerator_filters: All must hold for an event to count.
        window_hours: Events count for so long after the first exposure; None: until the stop.
        cap_value: A unit's numerator counts as this at most.
        cap_percentile: The cap is this quantile of the units above zero, all variants together.
        lookback_days: Days before the first exposure whose events CUPED adjusts for; 0 for none.
        quantile: Probability of a quantile, 0..1.
        from_day: First day after the exposure on which a return counts, and ``to_day`` the last.
        direction: ``increase`` or ``decrease``: which way is better.
        unit: ``percent``, ``won``, ``hours`` or ``number``: how values are written.
        version: Number of the definition's version; 0 for one from before there were versions.
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
    numerator_property: str = ""
    numerator_filters: tuple[MetricFilter, ...] = ()
    denominator_property: str = ""
    denominator_filters: tuple[MetricFilter, ...] = ()
    window_hours: float | None = None
    cap_value: float | None = None
    cap_percentile: float | None = None
    lookback_days: int = 0
    quantile: float | None = None
    from_day: int | None = None
    to_day: int | None = None
    version: int = 0

    def __post_init__(self) -> None:
        """Make filters of their JSON form, in which snapshots and tables hold them."""
        for side in ("numerator_filters", "denominator_filters"):
            found = tuple(
                item if isinstance(item, MetricFilter) else MetricFilter(**item) for item in getattr(self, side)
            )
            object.__setattr__(self, side, found)


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
class LayerSlot:
    """A share of a layer's units: those whose bucket under the layer's seed lies in [start, end), each in 0..1."""

    layer: str
    seed: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RampStep:
    """A share of units (0..1) with which a run begins, and for how many hours it is held at least."""

    coverage: float
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Everything a launch freezes.

    Attributes:
        mde: Relative to the baseline (0.05 is 5%).
        coverage: Share of units that take part, 0..1.
        planned_units: In all variants together.
        baseline_deviation: Standard deviation of the OEC between units; None for a proportion.
        daily_units: New units per day that the plan counted on, before coverage.
        condition: Which units take part, by their attributes (see ``assignment.conditions``); empty means all.
        slot: The layer's units to which the experiment is confined; None means all.
        keeps_holdout: Whether units of the global holdout are left out.
        ramp: Steps before the full coverage.
        ramp_automatic: Whether a step whose hours are over leads to the next by itself when all checks pass.
        looks: How often the plan reads the results: 1 is once, at the end; 0 at any time.
        cuped_correlation: Of the OEC with the unit's own past, as the plan counted on it; None without CUPED.
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
    condition: dict[str, Any] = field(default_factory=dict)
    slot: LayerSlot | None = None
    keeps_holdout: bool = True
    ramp: tuple[RampStep, ...] = ()
    ramp_automatic: bool = True
    looks: int = 1
    cuped_correlation: float | None = None

    def metrics(self) -> tuple[MetricDefinition, ...]:
        """Return the OEC and the guardrails' metrics, each once, the OEC first."""
        found = {self.oec.key: self.oec}
        for guardrail in self.guardrails:
            found.setdefault(guardrail.metric.key, guardrail.metric)
        return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDesign:
    """A stretch of a run; it lasts until the next one starts, or the run stops.

    Attributes:
        kind: ``launch``, ``ramp``, ``weights``, ``pause`` or ``resume``: what opened it.
        paused: Whether everybody was shown the feature's default.
        coverage: Share of units that took part, 0..1.
        weights: Share of each variant by position; they sum to 1.
        allotment: Each variant's half-open ranges of buckets by position.
    """

    number: int
    kind: str
    paused: bool
    coverage: float
    weights: tuple[float, ...]
    allotment: tuple[tuple[tuple[float, float], ...], ...]
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDesign:
    """A launched design with its run and the run's phases, the first of which is the launch."""

    run_id: int
    design: Design
    status: str
    started_at: datetime
    stopped_at: datetime | None
    phases: tuple[PhaseDesign, ...] = ()


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
    plain["slot"] = LayerSlot(**plain["slot"]) if plain.get("slot") else None
    plain["ramp"] = tuple(RampStep(**item) for item in plain.get("ramp", ()))
    return Design(**plain)
