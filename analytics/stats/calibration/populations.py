"""Simulated experiments, many at once, reduced to moments."""

from __future__ import annotations

import numpy as np

from analytics.stats.moments import Floats, Moments
from analytics.stats.reasons import StatisticsError


def simulated_moments(**arms: dict[str, Floats]) -> Moments:
    """Return moments of shape (experiment, arm) from arrays of shape (experiment, unit).

    Args:
        **arms: Per arm, its columns.

    >>> rng = np.random.default_rng(1)
    >>> m = simulated_moments(control={"y": rng.normal(size=(5, 20))}, treatment={"y": rng.normal(size=(5, 30))})
    >>> m.shape, m.count[0].tolist()
    ((5, 2), [20.0, 30.0])
    """
    return Moments.stack([_moments(columns) for columns in arms.values()], axis=-1)


def _moments(columns: dict[str, Floats]) -> Moments:
    values = np.stack(list(columns.values()), axis=1)
    if values.ndim != 3:
        raise StatisticsError("columns are arrays of shape (experiment, unit)")
    mean = values.mean(axis=2)
    centred = values - mean[:, :, None]
    return Moments.from_centred(
        columns=tuple(columns),
        count=np.full(values.shape[0], values.shape[2]),
        mean=mean,
        comoment=centred @ centred.swapaxes(1, 2),
    )
