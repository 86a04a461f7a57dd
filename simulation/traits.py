"""What the shop can tell of its visitors, by persona: device, language, city, and what they did before.

A persona is never told to anybody; but it shows a little in these, as in life: who compares prices sits at a desk
more often, and who buys on impulse holds a phone. All combinations are numbered, so that a crowd's are one array,
and a condition is asked once for each combination. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.public import condition_test, segment_of
from simulation.draws import Step
from simulation.personas import PERSONAS


@dataclass(frozen=True, slots=True)
class Past:
    """What a visitor did before: days since the first visit, orders, days since the last of them."""

    age: int
    orders: int = 0
    since: int = 0


DEVICES = ("mobile", "desktop", "tablet")
LANGUAGES = ("ko", "en")
CITIES = ("seoul", "incheon", "suwon", "busan", "daegu", "daejeon", "")  # the last: not chosen
PASTS = (
    Past(0), Past(1), Past(4), Past(11), Past(35), Past(3, 1, 2), Past(18, 1, 12), Past(25, 3, 4),
    Past(60, 3, 9), Past(75, 7, 3), Past(140, 12, 6), Past(90, 2, 44), Past(200, 4, 80),
)  # fmt: skip

# Shares in per cent, a row for each persona in the order of PERSONAS.
_DEVICE = ((78, 17, 5), (66, 29, 5), (44, 50, 6), (88, 8, 4), (52, 34, 14))
_LANGUAGE = ((78, 22),) * 5
_CITY = ((44, 12, 9, 12, 7, 6, 10),) * 5
_PAST = (
    (44, 9, 10, 9, 7, 4, 4, 3, 2, 1, 1, 3, 3),
    (14, 4, 4, 3, 2, 8, 9, 13, 14, 13, 9, 4, 3),
    (24, 6, 8, 7, 5, 6, 8, 9, 9, 6, 4, 5, 3),
    (26, 7, 6, 4, 3, 9, 9, 10, 9, 8, 4, 3, 2),
    (40, 8, 8, 8, 6, 5, 6, 5, 4, 2, 1, 4, 3),
)
COMBINATIONS = tuple(product(DEVICES, LANGUAGES, CITIES, PASTS))


def _edges(rows: tuple[tuple[int, ...], ...]) -> NDArray[np.float64]:
    """Return the upper edges of the choices' stretches, a row for each persona; the last edge is left out."""
    edges: NDArray[np.float64] = np.cumsum(np.array(rows, dtype=np.float64) / 100, axis=1)[:, :-1]
    return edges


_CHOICES = tuple(
    (step, _edges(rows), len(rows[0]))
    for step, rows in ((Step.DEVICE, _DEVICE), (Step.LANGUAGE, _LANGUAGE), (Step.CITY, _CITY), (Step.PAST, _PAST))
)


def combinations(numbers: NDArray[np.float64], persona: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each visitor's combination, an index into ``COMBINATIONS``.

    Args:
        numbers: Each visitor's numbers by ``Step``, shape (N, WIDTH).
        persona: Index of each visitor's persona, shape (N,).
    """
    found = np.zeros(len(numbers), dtype=np.int64)
    for step, edges, count in _CHOICES:
        found = found * count + (numbers[:, step, None] >= edges[persona]).sum(axis=1)
    return found


@lru_cache(maxsize=2 * len(COMBINATIONS))
def attributes(combination: int, *, ordered: bool = False) -> Mapping[str, Any]:
    """Return what the shop tells of such a visitor, before or after an order of this visit; callers only read it."""
    device, language, city, past = COMBINATIONS[combination]
    orders, since = (past.orders + 1, 0) if ordered else (past.orders, past.since)
    known: dict[str, Any] = {
        "device": device,
        "language": language,
        "returning": past.age > 0,
        "segment": segment_of(orders=orders, days_since=since),
        "signup_age_days": past.age,
    }
    return {**known, "city": city} if city else known


def matching(condition: Mapping[str, Any], *, ordered: bool = False) -> NDArray[np.bool_]:
    """Return which combinations a condition is for; ``ordered`` as in ``attributes``."""
    test = condition_test(condition)
    return np.array([test(attributes(number, ordered=ordered)) for number in range(len(COMBINATIONS))], dtype=np.bool_)


def audience_mix(
    mix: Mapping[str, float], condition: Mapping[str, Any], *, ordered: bool = False
) -> dict[str, float] | None:
    """Return the mix of personas among those whom a condition is for, in per cent; None where it is for nobody.

    By Bayes' rule: a persona's share of the audience is its share of all, times how much of it belongs.
    """
    if not condition:
        return dict(mix)
    among = _shares() @ matching(condition, ordered=ordered)
    weights = {persona.key: mix.get(persona.key, 0) * share for persona, share in zip(PERSONAS, among, strict=True)}
    total = float(sum(weights.values()))
    return {key: float(100 * weight / total) for key, weight in weights.items()} if total else None


def _shares() -> NDArray[np.float64]:
    """Return how often each combination is found in each persona; rows sum to 1."""
    tables = [np.array(rows, dtype=np.float64) / 100 for rows in (_DEVICE, _LANGUAGE, _CITY, _PAST)]
    together: NDArray[np.float64] = np.einsum("pa,pb,pc,pd->pabcd", *tables).reshape(len(PERSONAS), -1)
    return together
