"""Assign units to variants: a pure function of (seed, unit), equal to the public GrowthBook SDKs.

The rules (hash version 2): FNV-1a 32-bit over UTF-16 code units of ``seed + unit``, hashed once more as a decimal
string, modulo 10,000. Variant *i* owns the range that starts at the sum of the weights before it and is
``coverage * weight`` long, so raising the coverage moves nobody from one variant to another. Where weights change as
well, the next phase's ranges grow out of the last ones (``grow``), and a variant may own several.

Source: the "build your own SDK" page of the GrowthBook documentation; FNV-1a by Fowler, Noll and Vo.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF

BUCKETS = 10_000
Range = tuple[float, float]
Allotment = tuple[tuple[Range, ...], ...]  # each variant's ranges of buckets, by position
_FREE = -1


class Gate(NamedTuple):
    """Lets through the units whose bucket under the seed lies in [start, end): a layer's slot, or who is held out."""

    seed: str
    start: float
    end: float


def fnv1a32(text: str) -> int:
    """Return the FNV-1a 32-bit hash of the text's UTF-16 code units.

    >>> fnv1a32("")
    2166136261
    """
    value = _OFFSET
    if text.isascii():
        for unit in text.encode("ascii"):
            value = ((value ^ unit) * _PRIME) & _MASK
        return value
    encoded = text.encode("utf-16-le", "surrogatepass")
    for index in range(0, len(encoded), 2):
        value = ((value ^ (encoded[index] | encoded[index + 1] << 8)) * _PRIME) & _MASK
    return value


def prepared(seed: str) -> int:
    """Return the hash of the seed alone, from which ``place`` goes on with each unit."""
    return fnv1a32(seed)


def place(state: int, unit: str) -> int:
    """Return the unit's bucket in 0..9,999 under a prepared seed: ``bucket`` for those who ask often.

    >>> place(prepared("seed"), "unit") == round(bucket(seed="seed", unit="unit") * 10_000)
    True
    """
    value = state
    if unit.isascii():
        for code in unit.encode("ascii"):
            value = ((value ^ code) * _PRIME) & _MASK
    else:
        encoded = unit.encode("utf-16-le", "surrogatepass")
        for index in range(0, len(encoded), 2):
            value = ((value ^ (encoded[index] | encoded[index + 1] << 8)) * _PRIME) & _MASK
    digits, value = b"%d" % value, _OFFSET
    for code in digits:
        value = ((value ^ code) * _PRIME) & _MASK
    return value % BUCKETS


def bucket(*, seed: str, unit: str) -> float:
    """Return the unit's place in [0, 1), in steps of 1/10,000 (hash version 2).

    >>> bucket(seed="", unit="1")
    0.3263
    """
    return fnv1a32(str(fnv1a32(seed + unit))) % BUCKETS / BUCKETS


def ranges(*, weights: Sequence[float], coverage: float) -> tuple[Range, ...]:
    """Return each variant's half-open range of buckets.

    Args:
        weights: One share per variant; where they do not sum to 0.99..1.01 equal shares are taken.
        coverage: The share of units that take part, clamped to 0..1.
    """
    if not weights:
        return ()
    share = min(max(coverage, 0.0), 1.0)
    total = sum(weights)
    used = list(weights) if 0.99 <= total <= 1.01 else [1 / len(weights)] * len(weights)
    result: list[Range] = []
    start = 0.0
    for weight in used:
        result.append((start, start + share * weight))
        start += weight
    return tuple(result)


def choose(place: float, owned: Sequence[Range]) -> int:
    """Return the index of the first range that holds the place, or -1."""
    for index, (start, end) in enumerate(owned):
        if start <= place < end:
            return index
    return -1


def grow(previous: Allotment, *, weights: Sequence[float], coverage: float) -> Allotment:
    """Return the next phase's allotment, which moves the smallest possible share of units.

    Where no variant's share (coverage times weight) shrinks, nobody who is in a variant ever leaves it. From standard
    ranges, a mere change of the coverage leads to standard ranges again. Each share is exact to 1/10,000.

    Args:
        previous: Each variant's ranges so far; empty ones for a variant that had no units.
        weights: One share per variant, as for ``ranges``.
        coverage: The share of units that take part, clamped to 0..1.

    Raises:
        ValueError: the number of variants differs.

    >>> grow((((0.0, 0.1),), ((0.5, 0.6),)), weights=[0.5, 0.5], coverage=0.4)
    (((0.0, 0.2),), ((0.5, 0.7),))
    >>> grow((((0.0, 0.1),), ((0.5, 0.6),)), weights=[0.9, 0.1], coverage=1.0)
    (((0.0, 0.5), (0.6, 1.0)), ((0.5, 0.6),))
    """
    if len(weights) != len(previous):
        raise ValueError("an allotment grows with as many weights as it has variants")
    standard = tuple((owned,) for owned in ranges(weights=weights, coverage=coverage))
    before, after = _owned(previous), _owned(standard)
    pairs = list(zip(before, after, strict=True))
    if all(old <= new for old, new in pairs) or all(old >= new for old, new in pairs):
        return standard
    lengths = [sum(end - start for start, end in owned) for owned in previous]
    wanted = [
        _wanted(owned, length, end - start)
        for owned, length, ((start, end),) in zip(before, lengths, standard, strict=True)
    ]
    return _as_ranges(_reassigned(before, wanted), len(previous))


def _wanted(owned: set[int], length: float, share: float) -> int:
    """Return how many buckets a variant shall own; rounding alone takes none away."""
    count = round(share * BUCKETS)
    return max(count, len(owned)) if share > length - 1 / BUCKETS else count


def _reassigned(before: Sequence[set[int]], wanted: Sequence[int]) -> list[int]:
    """Return each bucket's owner: what shrinks releases its last buckets, what grows takes released ones first."""
    owner = [_FREE] * BUCKETS
    released: list[int] = []
    for variant, owned in enumerate(before):
        ordered = sorted(owned)
        for place in ordered[: wanted[variant]]:
            owner[place] = variant
        released += ordered[wanted[variant] :]
    missing = [max(want - len(owned), 0) for want, owned in zip(wanted, before, strict=True)]
    _take(owner, missing, sorted(released))
    for variant, owned in enumerate(before):  # each to the right of its own, then wherever there is room
        last = max(owned, default=BUCKETS)
        end = next((place for place in range(last + 1, BUCKETS) if owner[place] != _FREE), BUCKETS)
        _take(owner, missing, range(last + 1, end), only=variant)
    _take(owner, missing, range(BUCKETS))
    return owner


def _take(owner: list[int], missing: list[int], places: Iterable[int], *, only: int | None = None) -> None:
    """Give free places to the variants that miss some, in order."""
    for place in places:
        taker = next((v for v, count in enumerate(missing) if count and only in {None, v}), None)
        if taker is None:
            return
        if owner[place] == _FREE:
            owner[place] = taker
            missing[taker] -= 1


def _owned(allotment: Allotment) -> list[set[int]]:
    """Return the buckets, in 1/10,000, that each variant owns; the first owner of a bucket keeps it."""
    found: list[set[int]] = [set() for _variant in allotment]
    for place, variant in enumerate(owners(allotment)):
        if variant != _FREE:
            found[variant].add(place)
    return found


def owners(allotment: Allotment) -> list[int]:
    """Return the variant that owns each of the 10,000 buckets, or -1."""
    owner = [_FREE] * BUCKETS
    for variant, owned in enumerate(allotment):
        for start, end in owned:
            low, high = max(int(start * BUCKETS) - 1, 0), min(int(end * BUCKETS) + 2, BUCKETS)
            for place in range(low, high):
                if owner[place] == _FREE and start <= place / BUCKETS < end:
                    owner[place] = variant
    return owner


def _as_ranges(owner: Sequence[int], variants: int) -> Allotment:
    found: list[list[Range]] = [[] for _variant in range(variants)]
    start = 0
    for place in range(1, BUCKETS + 1):
        if place == BUCKETS or owner[place] != owner[start]:
            if owner[start] != _FREE:
                found[owner[start]].append((start / BUCKETS, place / BUCKETS))
            start = place
    return tuple(map(tuple, found))


def allot(*, seed: str, unit: str, allotment: Allotment, gates: Sequence[Gate] = ()) -> int:
    """Return the index of the unit's variant, or -1 for a unit that a gate stops or no variant owns."""
    for gate in gates:
        if not gate.start <= bucket(seed=gate.seed, unit=unit) < gate.end:
            return -1
    place = bucket(seed=seed, unit=unit)
    for variant, owned in enumerate(allotment):
        if choose(place, owned) >= 0:
            return variant
    return -1


def allot_many(
    *, seed: str, units: Sequence[str], allotment: Allotment, gates: Sequence[Gate] = ()
) -> NDArray[np.int64]:
    """Return ``allot`` for many units at once, shape (len(units),), with the same answers."""
    owner = np.array(owners(allotment), dtype=np.int64)
    result = owner[np.rint(buckets(seed=seed, units=units) * BUCKETS).astype(np.int64)]
    for gate in gates:
        places = buckets(seed=gate.seed, units=units)
        result[(places < gate.start) | (places >= gate.end)] = -1
    return result


def assign(*, seed: str, unit: str, weights: Sequence[float], coverage: float) -> int:
    """Return the index of the unit's variant, or -1 for a unit outside the experiment."""
    return choose(bucket(seed=seed, unit=unit), ranges(weights=weights, coverage=coverage))


def buckets(*, seed: str, units: Sequence[str]) -> NDArray[np.float64]:
    """Return ``bucket`` for many units at once, shape (len(units),)."""
    if not units:
        return np.empty(0, dtype=np.float64)
    first = _hash_columns(*_code_units([seed + unit for unit in units]))
    second = _hash_columns(*_code_units([str(value) for value in first.tolist()]))
    return (second % BUCKETS) / BUCKETS


def _code_units(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return a (texts, longest) matrix of UTF-16 code units and each text's length."""
    encoded = [text.encode("utf-16-le", "surrogatepass") for text in texts]
    lengths = np.array([len(item) // 2 for item in encoded], dtype=np.int64)
    width = int(lengths.max(initial=0))
    joined = b"".join(item.ljust(width * 2, b"\0") for item in encoded)
    matrix = np.frombuffer(joined, dtype="<u2").reshape(len(texts), width)
    return matrix.astype(np.uint32), lengths


def _hash_columns(matrix: NDArray[np.uint32], lengths: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Run FNV-1a down the columns, each text up to its own length (uint32 wraps as the hash needs)."""
    value = np.full(len(lengths), _OFFSET, dtype=np.uint32)
    prime = np.uint32(_PRIME)
    for column in range(matrix.shape[1]):
        mixed = (value ^ matrix[:, column]) * prime
        value = np.where(column < lengths, mixed, value)
    return value
