"""Score tests and intervals of two proportions, right where an arm has few or no successes.

The Wald interval takes an arm's own p(1 - p) as its noise, which is zero for an arm without
successes: certainty out of ignorance. The score test asks instead how noisy the difference
would be *if* the hypothesis held, with the rates that fit the data best under it. Its p-value
and both its intervals, of the difference and of the ratio, are one test: at "no difference"
and "ratio one" the statistic is the same.

Of the alternatives, Newcombe's hybrid interval (1998, Statistics in Medicine 17, method 10) has
no test that agrees with it, and exact conditional tests answer for the odds ratio alone.

Reference: Miettinen and Nurminen (1985), "Comparative analysis of two rates", Statistics in
Medicine 4, sections 2 and 3; closed forms of the restricted rates: Farrington and Manning
(1990), Statistics in Medicine 9, appendix 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analytics.stats.moments import Floats

Mask = np.typing.NDArray[np.bool_]

_HALVINGS = 64
_POLISHING = 3
# Beyond this a hypothesis about a difference of rates is impossible, and its noise zero.
_EDGE = 1.0 - 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class RatePairs:
    """Counts of pairs of arms; arrays of one shape.

    Attributes:
        chosen: Pairs that are judged by the score test; the others' counts do not matter.
        control_successes: Units with the event in control.
        control_units: Units in control.
        treatment_successes: Units with the event in treatment.
        treatment_units: Units in treatment.
    """

    chosen: Mask
    control_successes: Floats
    control_units: Floats
    treatment_successes: Floats
    treatment_units: Floats

    def only_chosen(self) -> Counts:
        """Return the chosen pairs, flat."""
        return Counts(
            x_c=self.control_successes[self.chosen],
            n_c=self.control_units[self.chosen],
            x_t=self.treatment_successes[self.chosen],
            n_t=self.treatment_units[self.chosen],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Successes and units of control and treatment, flat arrays of equal length."""

    x_c: Floats
    n_c: Floats
    x_t: Floats
    n_t: Floats

    @property
    def difference(self) -> Floats:
        """Treatment's rate minus control's."""
        return np.asarray(self.x_t / self.n_t - self.x_c / self.n_c)

    def null_variance(self) -> Floats:
        """Return the variance of the difference if there is none: pooled, times N / (N - 1).

        >>> counts = Counts(x_c=np.array([0.0]), n_c=np.array([50.0]), x_t=np.array([5.0]), n_t=np.array([50.0]))
        >>> counts.null_variance().round(6).tolist()
        [0.001919]
        """
        total = self.n_c + self.n_t
        pooled = (self.x_c + self.x_t) / total
        return np.asarray(pooled * (1 - pooled) * (1 / self.n_c + 1 / self.n_t) * total / (total - 1))


@np.errstate(invalid="ignore", divide="ignore")  # 0 / 0 at impossible hypotheses, settled below
def difference_statistic(*, counts: Counts, difference: Floats) -> Floats:
    """Return the score statistic of "the difference is ``difference``"; positive if it is larger.

    Formula: ``(d - delta) / sqrt((r_t (1 - r_t) / n_t + r_c (1 - r_c) / n_c) N / (N - 1))`` with the
    rates r that are most likely among those that differ by delta (Miettinen and Nurminen 1985,
    section 2).

    Args:
        counts: Pairs.
        difference: Hypotheses, one per pair.

    >>> counts = Counts(x_c=np.array([10.0]), n_c=np.array([100.0]), x_t=np.array([20.0]), n_t=np.array([100.0]))
    >>> difference_statistic(counts=counts, difference=np.array([0.0])).round(6).tolist()
    [1.975338]
    """
    delta = np.clip(difference, -_EDGE, _EDGE)
    rate_c = _restricted_by_difference(counts, delta)
    rate_t = np.clip(rate_c + delta, 0.0, 1.0)
    total = counts.n_c + counts.n_t
    variance = rate_t * (1 - rate_t) / counts.n_t + rate_c * (1 - rate_c) / counts.n_c
    return _standardised(counts.difference - delta, variance * total / (total - 1))


@np.errstate(invalid="ignore", divide="ignore")  # 0 / 0 at impossible hypotheses, settled below
def ratio_statistic(*, counts: Counts, ratio: Floats) -> Floats:
    """Return the score statistic of "treatment's rate is ``ratio`` times control's".

    Formula: ``(p_t - phi p_c) / sqrt((r_t (1 - r_t) / n_t + phi² r_c (1 - r_c) / n_c) N / (N - 1))``
    (Miettinen and Nurminen 1985, section 3).

    >>> counts = Counts(x_c=np.array([10.0]), n_c=np.array([100.0]), x_t=np.array([20.0]), n_t=np.array([100.0]))
    >>> ratio_statistic(counts=counts, ratio=np.array([1.0])).round(6).tolist()
    [1.975338]
    """
    phi = np.maximum(ratio, 0.0)
    total, hits = counts.n_c + counts.n_t, counts.x_c + counts.x_t
    middle = counts.n_t * phi + counts.x_t + counts.n_c + counts.x_c * phi
    root = np.sqrt(np.maximum(middle**2 - 4 * total * phi * hits, 0.0))
    rate_c = np.clip(2 * hits / (middle + root), 0.0, 1.0)
    rate_t = np.clip(phi * rate_c, 0.0, 1.0)
    variance = rate_t * (1 - rate_t) / counts.n_t + phi**2 * rate_c * (1 - rate_c) / counts.n_c
    gap = counts.x_t / counts.n_t - phi * counts.x_c / counts.n_c
    return _standardised(gap, variance * total / (total - 1))


def difference_interval(*, counts: Counts, critical: Floats) -> tuple[Floats, Floats]:
    """Return all differences that the score test does not reject.

    >>> counts = Counts(x_c=np.array([0.0]), n_c=np.array([50.0]), x_t=np.array([5.0]), n_t=np.array([50.0]))
    >>> lower, upper = difference_interval(counts=counts, critical=np.array([1.959964]))
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.0244], [0.2143])
    """
    middle, one = counts.difference, np.ones_like(counts.difference)

    def above(delta: Floats) -> Floats:
        return difference_statistic(counts=counts, difference=delta) - critical

    def below(delta: Floats) -> Floats:
        return difference_statistic(counts=counts, difference=delta) + critical

    return _crossing(above, -one, middle), _crossing(below, middle, one)


def ratio_interval(*, counts: Counts, critical: Floats) -> tuple[Floats, Floats]:
    """Return all ratios that the score test does not reject; ``inf`` above without successes in control.

    >>> counts = Counts(x_c=np.array([5.0]), n_c=np.array([50.0]), x_t=np.array([0.0]), n_t=np.array([50.0]))
    >>> lower, upper = ratio_interval(counts=counts, critical=np.array([1.959964]))
    >>> lower.tolist(), upper.round(4).tolist()
    ([0.0], [0.7428])
    """
    hits = counts.x_c > 0
    safe = np.where(hits, counts.x_c, 0.5) / counts.n_c
    middle = _share(counts.x_t / counts.n_t / safe)
    middle = np.where(hits, middle, 1.0)

    def above(share: Floats) -> Floats:
        return ratio_statistic(counts=counts, ratio=_ratio(share)) - critical

    def below(share: Floats) -> Floats:
        return ratio_statistic(counts=counts, ratio=_ratio(share)) + critical

    lower = _ratio(_crossing(above, np.zeros_like(middle), middle))
    upper = _ratio(_crossing(below, middle, np.full_like(middle, _EDGE)))
    return np.where(counts.x_t > 0, lower, 0.0), np.where(hits, upper, np.inf)


def _share(ratio: Floats) -> Floats:
    return np.asarray(ratio / (1 + ratio))


def _ratio(share: Floats) -> Floats:
    return np.asarray(share / (1 - share))


def _standardised(gap: Floats, variance: Floats) -> Floats:
    """Return gap over its noise; a hypothesis without noise is true (0) or impossible (infinite)."""
    sure = np.where(gap == 0, 0.0, np.sign(gap) * np.inf)
    return np.where(variance > 0, gap / np.sqrt(np.where(variance > 0, variance, 1.0)), sure)


def _crossing(function: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where a falling function changes its sign, by halving."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        positive = function(middle) > 0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    return np.asarray((low + high) / 2)


def _restricted_by_difference(counts: Counts, delta: Floats) -> Floats:
    """Return control's most likely rate if treatment's is larger by delta.

    The middle root of a cubic in closed form, polished by Newton's method: the cosine loses half
    of the digits of tiny rates.
    """
    total = counts.n_c + counts.n_t
    hits = counts.x_c + counts.x_t
    third = total
    second = (counts.n_t + 2 * counts.n_c) * delta - total - hits
    first = (counts.n_c * delta - total - 2 * counts.x_c) * delta + hits
    zeroth = counts.x_c * delta * (1 - delta)
    centre = second / (3 * third)
    q = centre**3 - first * second / (6 * third**2) + zeroth / (2 * third)
    p = np.where(q < 0, -1.0, 1.0) * np.sqrt(np.maximum(centre**2 - first / (3 * third), 0.0))
    cosine = np.clip(np.where(p == 0, 0.0, q / np.where(p == 0, 1.0, p) ** 3), -1.0, 1.0)
    rate = 2 * p * np.cos((np.pi + np.arccos(cosine)) / 3) - centre
    low, high = np.maximum(0.0, -delta), np.minimum(1.0, 1.0 - delta)
    rate = np.clip(rate, low, high)
    for _ in range(_POLISHING):
        value = ((third * rate + second) * rate + first) * rate + zeroth
        slope = (3 * third * rate + 2 * second) * rate + first
        step = np.where(slope < 0, value / np.where(slope < 0, slope, 1.0), 0.0)
        rate = np.clip(rate - step, low, high)
    return np.asarray(rate)
