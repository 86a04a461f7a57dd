"""Assign units to variants: a pure function of (seed, unit), equal to the public GrowthBook SDKs.

The rules (hash version 2): FNV-1a 32-bit over UTF-16 code units of ``seed + unit``, hashed once more as a decimal
string, modulo 10,000. Variant *i* owns the range that starts at the sum of the weights before it and is
``coverage * weight`` long, so raising the coverage moves nobody from one variant to another.

Source: the "build your own SDK" page of the GrowthBook documentation; FNV-1a by Fowler, Noll and Vo.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF

BUCKETS = 10_000
Range = tuple[float, float]
Allotment = tuple[tuple[Range, ...], ...]  # each variant's ranges of buckets, by position


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


def assign(*, seed: str, unit: str, weights: Sequence[float], coverage: float) -> int:
    """Return the index of the unit's variant, or -1 for a unit outside the experiment."""
    return choose(bucket(seed=seed, unit=unit), ranges(weights=weights, coverage=coverage))


def assign_many(*, seed: str, units: Sequence[str], weights: Sequence[float], coverage: float) -> NDArray[np.int64]:
    """Return ``assign`` for many units at once, shape (len(units),), with the same answers."""
    places = buckets(seed=seed, units=units)
    result = np.full(len(units), -1, dtype=np.int64)
    for index, (start, end) in enumerate(ranges(weights=weights, coverage=coverage)):
        result[(result == -1) & (places >= start) & (places < end)] = index
    return result


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
