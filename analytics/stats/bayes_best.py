"""Which of several arms is the best, when effects against a shared control have a prior."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy import special

from analytics.stats.bayes import chance_to_be_best
from analytics.stats.moments import Floats

_NODES, _WEIGHTS = leggauss(12)
_REACH = 10.0
# Control's mean is summed in steps of half the narrowest belief: a sum over a normal density then
# is exact to about 1e-8.
_STEPS_PER_DEVIATION = 2.0
_CONTROL_REACH = 8.5
_MOST_STEPS = 400


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedControl:
    """Effects of several treatments against one control.

    Attributes:
        difference: Estimated effect of each treatment.
        variance: Sampling variance of each effect.
        control_variance: The part of it that all effects share: the control's noise.
        prior_mean: Effect expected of each treatment.
        prior_variance: Spread of effects, squared; ``inf`` for a flat prior.
    """

    difference: Floats
    variance: Floats
    control_variance: float
    prior_mean: float
    prior_variance: float


def best_of(effects: SharedControl, *, higher_is_better: bool = True) -> tuple[Floats, Floats]:
    """Return each arm's chance to be the best and its expected loss, control first.

    Estimand: ``P(mean_a is the largest)`` and ``E[max_b mean_b - mean_a]``. Control's mean has a
    flat prior, each treatment's effect its own prior; given control's mean the treatments are
    independent, so a sum over control's mean of quadratures over the best treatment is exact.
    With one treatment this is the chance to win of its posterior.

    Args:
        effects: Estimates and prior.
        higher_is_better: Whether the largest mean is the best.

    >>> effects = SharedControl(difference=np.array([1.0]), variance=np.array([2.0]), control_variance=1.0,
    ...     prior_mean=0.0, prior_variance=2.0)
    >>> chance, loss = best_of(effects)
    >>> chance.round(6).tolist(), round(float(special.ndtr(0.5)), 6)
    ([0.308538, 0.691462], 0.691462)
    """
    sign = 1.0 if higher_is_better else -1.0
    value = sign * effects.difference
    noise = effects.variance - effects.control_variance
    if np.isinf(effects.prior_variance):
        flat = chance_to_be_best(
            means=np.concatenate([[0.0], value]),
            standard_deviations=np.sqrt(np.concatenate([[effects.control_variance], noise])),
        )
        return flat.chance, flat.expected_loss
    gain, spread = sign * effects.prior_mean, effects.prior_variance
    # Every treatment's mean, less what is expected of it, is an observation of control's.
    precision = 1 / effects.control_variance + (1 / (spread + noise)).sum()
    middle = ((value - gain) / (spread + noise)).sum() / precision
    deviation = 1 / np.sqrt(1 / noise + 1 / spread)
    finest = max(1.0, float(1 / np.sqrt(precision) / deviation.min()))
    steps = min(int(2 * _CONTROL_REACH * _STEPS_PER_DEVIATION * finest) + 1, _MOST_STEPS)
    nodes = np.linspace(-_CONTROL_REACH, _CONTROL_REACH, steps)
    controls = middle + nodes / np.sqrt(precision)
    parts = [
        _given_control(at, (value / noise + (at + gain) / spread) * deviation**2, deviation) for at in controls.tolist()
    ]
    weight = np.exp(-(nodes**2) / 2)
    weight /= weight.sum()
    chance = _average(weight, (part[0] for part in parts))
    return chance / chance.sum(), _average(weight, (part[1] for part in parts))


def _average(weight: Floats, parts: Iterable[Floats]) -> Floats:
    return np.asarray((weight[:, None] * np.stack(list(parts))).sum(axis=0))


def _given_control(control: float, mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """Return chances and losses if control's mean were known, treatments being independent."""
    below = np.exp(special.log_ndtr((control - mean) / deviation))
    ends = np.unique(np.maximum([m + k * s for m, s in zip(mean, deviation, strict=True) for k in _steps()], control))
    if ends.size < 2:
        return np.concatenate([[1.0], np.zeros_like(mean)]), np.concatenate([[0.0], control - mean])
    half = np.diff(ends) / 2
    x = ((ends[:-1] + half)[:, None] + half[:, None] * _NODES).ravel()
    weight = (half[:, None] * _WEIGHTS).ravel()
    z = (x[:, None] - mean) / deviation
    log_below = special.log_ndtr(z)
    log_all = log_below.sum(axis=1)
    density = np.exp(-(z**2) / 2) / (np.sqrt(2 * np.pi) * deviation)
    winners = (weight[:, None] * density * np.exp(log_all[:, None] - log_below)).sum(axis=0)
    excess = float((weight * -np.expm1(log_all)).sum())  # E[max] - control
    excess += ends[0] - control
    return np.concatenate([[below.prod()], winners]), np.concatenate([[excess], control + excess - mean])


def _steps() -> list[float]:
    return np.arange(-_REACH, _REACH + 1, 2.0).tolist()
