"""Moments: counts, means and centred second moments that add and subtract.

Everything else in this package works on moments, so that results cost what is new and
not what is old: a day's moments are added to the running ones, a unit's old value is
subtracted and its new one added.

Centred moments (sums of products of deviations from the mean) are kept instead of raw
sums because raw sums cancel: with mean 1e9 and standard deviation 1, the sum of squares
of 1e7 values has lost the variance long before it is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from analytics.stats.grouping import Floats, Grouping, centred_block
from analytics.stats.reasons import StatisticsError

__all__ = ["Floats", "Moments"]


# A centred second moment below this multiple of the raw one is rounding noise: float64
# carries 2.2e-16 per addition, and a SQL sum adds many.
_NOISE = 1e-13


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """Count, means and centred co-moments of some columns, for a batch of groups.

    Attributes:
        columns: Names of the k columns.
        count: Number of units, shape ``batch``. Groups are typically (segment, arm).
        mean: Column means, shape ``batch + (k,)``; zero where the count is zero.
        comoment: Sums of products of deviations, shape ``batch + (k, k)``:
            ``sum((x_i - mean_i) * (x_j - mean_j))``. ``nan`` where the given sums could
            not resolve it.
    """

    columns: tuple[str, ...]
    count: Floats
    mean: Floats
    comoment: Floats

    def __post_init__(self) -> None:
        """Check that the shapes agree."""
        width = len(self.columns)
        if len(set(self.columns)) != width:
            raise StatisticsError(f"column names repeat: {self.columns}")
        batch = self.count.shape
        if self.mean.shape != (*batch, width) or self.comoment.shape != (*batch, width, width):
            raise StatisticsError(
                f"shapes disagree: count {batch}, mean {self.mean.shape}, "
                f"comoment {self.comoment.shape} for {width} columns"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the batch of groups."""
        return self.count.shape

    # -- construction -------------------------------------------------------------------

    @classmethod
    def from_arrays(cls, **columns: ArrayLike) -> Self:
        """Return the moments of one group from the values of its units.

        Args:
            **columns: One array of equal length per column.

        >>> m = Moments.from_arrays(y=[1.0, 2.0, 3.0], x=[0.0, 1.0, 1.0])
        >>> float(m.count), m.mean.round(3).tolist(), m.covariance()[0].tolist()
        (3.0, [2.0, 0.667], [1.0, 0.5])
        """
        if not columns:
            raise StatisticsError("moments need at least one column")
        values = np.stack([np.asarray(v, dtype=np.float64).ravel() for v in columns.values()])
        mean, comoment = centred_block(values)
        count = np.asarray(float(values.shape[1]))
        return cls(columns=tuple(columns), count=count, mean=mean, comoment=comoment)

    @classmethod
    def from_groups(cls, *, group: ArrayLike, groups: int, **columns: ArrayLike) -> Self:
        """Return the moments of many groups from unit-level arrays.

        Args:
            group: Group number of each unit, 0 to ``groups - 1``.
            groups: Number of groups; those without units get count zero.
            **columns: One array per column.

        >>> m = Moments.from_groups(group=[0, 1, 1], groups=2, y=[1.0, 2.0, 4.0])
        >>> m.count.tolist(), m.mean[:, 0].tolist(), m.comoment[:, 0, 0].tolist()
        ([1.0, 2.0], [1.0, 3.0], [0.0, 2.0])
        """
        return cls.from_grouping(grouping=Grouping.of(group=group, groups=groups), **columns)

    @classmethod
    def from_grouping(cls, *, grouping: Grouping, **columns: ArrayLike) -> Self:
        """Return the moments of many groups, from a grouping made once for many metrics.

        >>> grouping = Grouping.of(group=[1, 0, 1], groups=2)
        >>> Moments.from_grouping(grouping=grouping, y=[2.0, 1.0, 4.0]).mean[:, 0].tolist()
        [1.0, 3.0]
        """
        if not columns:
            raise StatisticsError("moments need at least one column")
        count, mean, comoment = grouping.centred(**columns)
        return cls(columns=tuple(columns), count=count, mean=mean, comoment=comoment)

    @classmethod
    def from_counts(cls, *, count: ArrayLike, successes: ArrayLike, column: str = "value") -> Self:
        """Return the moments of a 0/1 column from counts of units and of ones.

        >>> m = Moments.from_counts(count=[1000, 1000], successes=[100, 120])
        >>> m.mean[:, 0].tolist(), m.comoment[:, 0, 0].tolist()
        ([0.1, 0.12], [90.0, 105.6])
        """
        n, ones = np.asarray(count, dtype=np.float64), np.asarray(successes, dtype=np.float64)
        safe = np.where(n > 0, n, 1.0)
        return cls(
            columns=(column,),
            count=n,
            mean=(ones / safe)[..., None],
            comoment=(ones * (n - ones) / safe)[..., None, None],
        )

    @classmethod
    def from_centred(cls, *, columns: Sequence[str], count: ArrayLike, mean: ArrayLike, comoment: ArrayLike) -> Self:
        """Return moments from counts, means and centred co-moments that are already known."""
        return cls(
            columns=tuple(columns),
            count=np.asarray(count, dtype=np.float64),
            mean=np.asarray(mean, dtype=np.float64),
            comoment=np.asarray(comoment, dtype=np.float64),
        )

    @classmethod
    def from_sums(
        cls,
        *,
        count: ArrayLike,
        sums: Mapping[str, Any],
        products: Mapping[tuple[str, str], Any],
        shift: Mapping[str, float] | None = None,
    ) -> Self:
        """Return moments from what SQL sums: n, sum x, sum x², sum xy.

        Sums of Python ints, ``Decimal`` or ``Fraction`` are centred in exact arithmetic.
        Sums of floats are centred in floating point; where that leaves nothing but
        rounding noise, the co-moment becomes ``nan`` and later results say
        ``precision_lost``. To avoid it send shifted sums: sum(x - c) and
        sum((x - c)(z - d)) with c, d near the means, and ``shift={"x": c, "z": d}``.

        Args:
            count: Units per group, any shape.
            sums: Column name to its sum (same shape as count).
            products: (column, column) to the sum of products; every column with itself
                is needed, a missing cross product is an error.
            shift: What was subtracted from each column before summing; 0 by default.

        >>> m = Moments.from_sums(
        ...     count=[3], sums={"y": [6.0]}, products={("y", "y"): [14.0]})
        >>> m.mean.tolist(), m.comoment.tolist()
        ([[2.0]], [[[2.0]]])
        """
        columns = tuple(sums)
        n = np.asarray(count, dtype=np.float64)
        origin = np.array([(shift or {}).get(name, 0.0) for name in columns])
        mean = np.zeros((*n.shape, len(columns)))
        comoment = np.zeros((*n.shape, len(columns), len(columns)))
        for i, first in enumerate(columns):
            mean[..., i] = _divide(sums[first], n)
            for j, second in enumerate(columns[: i + 1]):
                product = _product(products, first, second)
                centred = _centre(count, sums[first], sums[second], product, diagonal=i == j)
                comoment[..., i, j] = comoment[..., j, i] = centred
        mean[...] = np.where(n[..., None] > 0, mean + origin, 0.0)
        return cls(columns=columns, count=n, mean=mean, comoment=comoment)

    # -- algebra ------------------------------------------------------------------------

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of both sets of units together.

        Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance",
        The American Statistician 37(3), equation 1.5.

        >>> a, b = Moments.from_arrays(y=[1.0, 2.0]), Moments.from_arrays(y=[6.0])
        >>> (a + b).mean.tolist(), (a + b).comoment.tolist()
        ([3.0], [[14.0]])
        """
        self._require_same_columns(other)
        count = self.count + other.count
        safe = np.where(count > 0, count, 1.0)
        delta = other.mean - self.mean
        mean = np.where((self.count > 0)[..., None], self.mean + delta * (other.count / safe)[..., None], other.mean)
        weight = self.count * other.count / safe
        comoment = self.comoment + other.comoment + weight[..., None, None] * _outer(delta)
        return Moments(columns=self.columns, count=count, mean=mean, comoment=comoment)

    def __sub__(self, other: Moments) -> Moments:
        """Return the moments of the units in self that are not in other.

        >>> a, b = Moments.from_arrays(y=[1.0, 2.0]), Moments.from_arrays(y=[6.0])
        >>> (a + b - b).mean.tolist(), (a + b - b).comoment.tolist()
        ([1.5], [[0.5]])
        """
        self._require_same_columns(other)
        count = self.count - other.count
        if np.any(count < 0):
            raise StatisticsError("more units are subtracted than there are")
        safe = np.where(count > 0, count, 1.0)
        mean = self.mean + (self.mean - other.mean) * (other.count / safe)[..., None]
        mean = np.where((count > 0)[..., None], mean, 0.0)
        delta = other.mean - mean
        weight = count * other.count / np.where(self.count > 0, self.count, 1.0)
        comoment = self.comoment - other.comoment - weight[..., None, None] * _outer(delta)
        # One unit, or none, deviates from its own mean by nothing; a variance is not negative.
        comoment = np.where((count > 1)[..., None, None], comoment, 0.0)
        # What is left of a column that became constant is the rounding of what was there.
        before = np.einsum("...ii->...i", self.comoment)
        constant = np.einsum("...ii->...i", comoment) <= _NOISE / 10 * before
        comoment = np.where(constant[..., :, None] | constant[..., None, :], 0.0, comoment)
        return Moments(columns=self.columns, count=count, mean=mean, comoment=comoment)

    def pooled(self, *, axis: int | tuple[int, ...] = -1) -> Moments:
        """Return the moments of the groups along ``axis`` merged into one.

        >>> m = Moments.from_groups(group=[0, 1, 1], groups=2, y=[1.0, 2.0, 6.0]).pooled()
        >>> float(m.count), m.mean.tolist(), m.comoment.tolist()
        (3.0, [3.0], [[14.0]])
        """
        axes = axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(a % len(self.shape) for a in axes)
        count = self.count.sum(axis=axes, keepdims=True)
        safe = np.where(count > 0, count, 1.0)
        share = (self.count / safe)[..., None]
        mean = (share * self.mean).sum(axis=axes, keepdims=True)
        delta = self.mean - mean
        spread = self.count[..., None, None] * _outer(delta)
        comoment = (self.comoment + spread).sum(axis=axes)
        return Moments(
            columns=self.columns,
            count=count.squeeze(axis=axes),
            mean=mean.squeeze(axis=axes),
            comoment=comoment,
        )

    def select(self, *columns: str) -> Moments:
        """Return the moments of some of the columns, in the order asked.

        >>> Moments.from_arrays(y=[1.0, 2.0], x=[3.0, 5.0]).select("x").mean.tolist()
        [4.0]
        """
        missing = [name for name in columns if name not in self.columns]
        if missing:
            raise StatisticsError(f"no column {missing[0]!r} among {self.columns}")
        if columns == self.columns:
            return self
        index = np.array([self.columns.index(name) for name in columns])
        return Moments(
            columns=columns,
            count=self.count,
            mean=self.mean[..., index],
            comoment=self.comoment[..., index[:, None], index],
        )

    def renamed(self, **names: str) -> Moments:
        """Return the same moments with columns renamed (``old="new"``)."""
        columns = tuple(names.get(name, name) for name in self.columns)
        return Moments(columns=columns, count=self.count, mean=self.mean, comoment=self.comoment)

    def __getitem__(self, index: Any) -> Moments:
        """Return a part of the batch, by numpy indexing on the batch axes.

        >>> Moments.from_groups(group=[0, 1], groups=2, y=[1.0, 5.0])[1].mean.tolist()
        [5.0]
        """
        trailing = index if isinstance(index, tuple) else (index,)
        return Moments(
            columns=self.columns,
            count=np.asarray(self.count[index]),
            mean=self.mean[(*trailing, slice(None))],
            comoment=self.comoment[(*trailing, slice(None), slice(None))],
        )

    @staticmethod
    def stack(parts: Sequence[Moments], *, axis: int = 0) -> Moments:
        """Return a batch made of equally shaped moments along a new batch axis.

        >>> arms = [Moments.from_arrays(y=[1.0, 2.0]), Moments.from_arrays(y=[4.0])]
        >>> Moments.stack(arms).count.tolist()
        [2.0, 1.0]
        """
        if not parts:
            raise StatisticsError("nothing to stack")
        for part in parts[1:]:
            parts[0]._require_same_columns(part)
        where = axis % (len(parts[0].shape) + 1)
        return Moments(
            columns=parts[0].columns,
            count=np.stack([part.count for part in parts], axis=where),
            mean=np.stack([part.mean for part in parts], axis=where),
            comoment=np.stack([part.comoment for part in parts], axis=where),
        )

    def covariance(self, *, ddof: int = 1) -> Floats:
        """Return the covariance matrices, ``nan`` where there are not more units than ddof."""
        divisor = self.count - ddof
        safe = np.where(divisor > 0, divisor, np.nan)
        return np.asarray(self.comoment / safe[..., None, None])

    def reshape(self, *shape: int) -> Moments:
        """Return the same groups in a batch of another shape."""
        width = len(self.columns)
        return Moments(
            columns=self.columns,
            count=self.count.reshape(shape),
            mean=self.mean.reshape(*shape, width),
            comoment=self.comoment.reshape(*shape, width, width),
        )

    def _require_same_columns(self, other: Moments) -> None:
        if self.columns != other.columns:
            raise StatisticsError(f"columns differ: {self.columns} and {other.columns}")


def _outer(vector: Floats) -> Floats:
    return vector[..., :, None] * vector[..., None, :]


def _product(products: Mapping[tuple[str, str], Any], first: str, second: str) -> Any:
    if (first, second) in products:
        return products[first, second]
    if (second, first) in products:
        return products[second, first]
    raise StatisticsError(f"the sum of {first} × {second} is missing")


def _divide(total: Any, count: Floats) -> Floats:
    """Return total / count, exactly rounded when the totals are exact numbers."""
    return np.asarray(total, dtype=np.float64) / np.where(count > 0, count, 1.0)


def _is_exact(value: Any) -> bool:
    kind = np.asarray(value).dtype.kind
    if kind in "iu":
        return True
    return kind == "O" and all(isinstance(v, int | Decimal | Fraction) for v in np.asarray(value).ravel().tolist())


def _centre(count: ArrayLike, first: Any, second: Any, product: Any, *, diagonal: bool) -> Floats:
    """Return sum(xz) - sum(x) sum(z) / n, or nan where only rounding noise is left."""
    if all(_is_exact(v) for v in (first, second, product)):
        return _centre_exact(count, first, second, product)
    n = np.asarray(count, dtype=np.float64)
    x, z, xz = (np.asarray(v, dtype=np.float64) for v in (first, second, product))
    explained = x * z / np.where(n > 0, n, 1.0)
    centred = np.asarray(xz - explained)
    if diagonal:
        noise = (np.abs(centred) <= _NOISE * np.abs(xz)) & (centred != 0) | (centred < 0)
        centred = np.where(noise & (n > 1), np.nan, centred)
    return np.where(n > 1, centred, 0.0)


def _centre_exact(count: ArrayLike, first: Any, second: Any, product: Any) -> Floats:
    arrays = [np.asarray(v, dtype=object) for v in (count, first, second, product)]
    flat = zip(*(a.ravel().tolist() for a in arrays), strict=True)
    values = [float(Fraction(xz) - Fraction(x) * Fraction(z) / Fraction(n)) if n else 0.0 for n, x, z, xz in flat]
    return np.array(values).reshape(arrays[0].shape)
