"""Would a seed have split the people of the past evenly? An A/A test before the experiment begins."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.core.cache import cache
from django.utils import timezone
from numpy.typing import NDArray

from analytics.planning.history import SURFACE_PAGES
from analytics.stats import Moments, StatisticsError, pre_exposure_balance, sample_ratio
from experiments.audiences.audience import matching_unit_ids
from experiments.designs.balance_hooks import Balance
from experiments.public import Design, Gate, allot_many, present_gates, ranges
from novarium.kernel import sql

HISTORY_DAYS = 28
MOST_UNITS = 200_000
FEWEST_UNITS = 200
LEVEL = 0.01
CACHE_SECONDS = 900
_COMPARED = {"proportion", "mean", "ratio"}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HistoryBalance:
    """Tests with the events of the last four weeks; see ``experiments.designs.balance_hooks.BalanceTest``."""

    def balance(self, design: Design) -> Balance | None:
        """Return the balance of the design's seed; kept for a quarter of an hour."""
        gates = present_gates(design)
        parts = (
            design.oec,
            design.surface,
            design.seed,
            gates,
            design.condition,
            [arm.weight for arm in design.variants],
        )
        key = f"balance:{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"
        known = cache.get(key)
        if known is None:
            known = _balance(design, gates) or "none"
            cache.set(key, known, CACHE_SECONDS)
        return known if isinstance(known, Balance) else None


def _balance(design: Design, gates: Sequence[Gate]) -> Balance | None:
    """Split the people of the past who pass the gates and are of the audience, at full coverage."""
    units, top, below = _history(design)
    weights = [arm.weight for arm in design.variants]
    whole = tuple((owned,) for owned in ranges(weights=weights, coverage=1.0))
    arm = allot_many(seed=design.seed, units=units, allotment=whole, gates=gates)
    inside = (arm >= 0) & _matching(design, units)
    arm, top, below = arm[inside], top[inside], below[inside]
    if arm.size < FEWEST_UNITS:
        return None
    per_arm = [int((arm == position).sum()) for position in range(len(weights))]
    ratio = sample_ratio(observed=per_arm, weights=weights, alpha=LEVEL)
    smallest = _smallest_p(design, arm, top, below)
    known = [p for p in (ratio.p_value, smallest) if p is not None]
    return Balance(
        units=sum(per_arm),
        per_arm=tuple(per_arm),
        sample_ratio_p=ratio.p_value,
        smallest_p=smallest,
        level=LEVEL,
        is_balanced=min(known, default=1.0) > LEVEL,
    )


def _matching(design: Design, units: Sequence[str]) -> NDArray[np.bool_]:
    """Return which units are of the audience."""
    audience = matching_unit_ids(design.condition)
    if audience is None:
        return np.ones(len(units), dtype=bool)
    known = frozenset(audience)
    return np.array([unit in known for unit in units], dtype=bool)


def _smallest_p(design: Design, arm: NDArray[np.int64], top: Floats, below: Floats) -> float | None:
    """Return the smallest corrected p-value of the OEC's differences; a ratio is compared by its linear form."""
    if design.oec.type not in _COMPARED:
        return None
    values = top
    if design.oec.type == "ratio":
        if below.sum() <= 0:
            return None
        values = top - below * (top.sum() / below.sum())
    used = [position for position, one in enumerate(design.variants) if one.weight > 0]
    names = tuple(design.variants[position].key for position in used)
    inside = np.isin(arm, used)
    group = np.searchsorted(used, arm[inside])
    try:
        moments = Moments.from_groups(group=group, groups=len(used), oec=values[inside])
        tested = pre_exposure_balance(moments=moments, arms=names, control=names[0], alpha=LEVEL)
    except StatisticsError:
        return None
    known = [entry.adjusted_p_value for entry in tested.covariates if entry.adjusted_p_value is not None]
    return min(known, default=None)


def _history(design: Design) -> tuple[list[str], Floats, Floats]:
    now = timezone.now()
    rows = sql.rows(
        "analytics/sql/planning/unit_history.sql",
        {
            "since": now - timedelta(days=HISTORY_DAYS),
            "until": now,
            "page": SURFACE_PAGES.get(design.surface),
            "most": MOST_UNITS,
            "numerator_event": design.oec.numerator_event,
            "numerator_aggregation": design.oec.numerator_aggregation,
            "denominator_event": design.oec.denominator_event,
            "denominator_aggregation": design.oec.denominator_aggregation,
        },
    )
    units = [str(row["unit_id"]) for row in rows]
    return units, np.array([row["top"] for row in rows], float), np.array([row["below"] for row in rows], float)
