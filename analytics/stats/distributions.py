"""Tails of Student's t that do not underflow."""

from __future__ import annotations

import numpy as np
from scipy import special

from analytics.stats.moments import Floats

# Below this the direct tail probability is close to the smallest float64.
_DIRECT = 1e-280
_TERMS = 60
SMALLEST_P = float(np.finfo(np.float64).tiny)
"""The p-value shown when the exact one is below what a float64 can hold (2.2e-308)."""


def t_quantile(tail: Floats, df: Floats) -> Floats:
    """Return the upper quantile of Student's t that leaves ``tail`` above it.

    >>> round(float(t_quantile(np.asarray(0.025), np.asarray(10.0))), 6)
    2.228139
    """
    return np.asarray(-special.stdtrit(df, tail))


def log_t_tail(statistic: Floats, df: Floats) -> Floats:
    """Return log P(T > statistic) for Student's t with ``df`` degrees of freedom.

    Where the probability underflows, the tail is the incomplete beta function in
    hypergeometric form (DLMF 8.17.8 with Pfaff's transformation 15.8.1)::

        P(T > t) = x^a (1-x)^(-1/2) / (2 a B(a, 1/2)) * 2F1(1/2, 1; a + 1; -df / t²)

    with a = df/2 and x = df / (df + t²).

    >>> round(float(log_t_tail(np.asarray(2.0), np.asarray(5.0))), 9)
    -2.976523167
    """
    t, nu = np.broadcast_arrays(np.asarray(statistic, dtype=float), np.asarray(df, dtype=float))
    tail = np.asarray(special.stdtr(nu, -t))
    far = tail < _DIRECT
    with np.errstate(divide="ignore"):
        result = np.asarray(np.log(tail))
    if np.any(far):
        infinite = far & np.isinf(nu)
        finite = far & np.isfinite(nu)
        result[infinite] = special.log_ndtr(-t[infinite])
        result[finite] = _log_far_tail(t[finite], nu[finite])
    return result


def _log_far_tail(t: Floats, nu: Floats) -> Floats:
    a = nu / 2
    argument = -nu / t**2
    series = np.ones_like(t)
    term = np.ones_like(t)
    live = np.isfinite(t)
    for k in range(_TERMS):
        following = term * argument * (0.5 + k) / (a + 1 + k)
        # With many degrees of freedom the series is asymptotic: stop at its smallest term.
        live = live & (np.abs(following) < np.abs(term)) & (np.abs(following) > 1e-17)
        if not live.any():
            break
        term = following
        series = np.where(live, series + term, series)
    log_x = -np.log1p(t**2 / nu)
    log_rest = -0.5 * np.log(t**2 / (nu + t**2))
    return np.asarray(a * log_x + log_rest - np.log(nu) - _log_beta_half(a) + np.log(series))


def _log_beta_half(a: Floats) -> Floats:
    """Return log B(a, 1/2); for large a by Stirling's series (DLMF 5.11.13), which does not cancel."""
    large = a > 50
    safe = np.where(large, a, 50.0)
    ratio = 0.5 * np.log(safe) - 1 / (8 * safe) + 1 / (192 * safe**3) - 1 / (640 * safe**5)
    return np.asarray(np.where(large, 0.5 * np.log(np.pi) - ratio, special.betaln(a, 0.5)))
