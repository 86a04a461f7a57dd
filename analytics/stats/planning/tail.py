"""Rejection probabilities that hold for any number of units."""

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.stats.designs import Alternative

FloatArray = NDArray[np.float64]

_NODES, _WEIGHTS = leggauss(200)
_NEGLIGIBLE = 1e-18


def noncentral_t_sf(*, x: ArrayLike, df: ArrayLike, noncentrality: ArrayLike) -> FloatArray:
    """Give the upper tail of the noncentral t distribution.

    With ``S = sqrt(chi2(df) / df)``, ``P(T > x) = E[Phi(noncentrality - x S)]`` (Johnson, Kotz
    and Balakrishnan, 1995, "Continuous univariate distributions" vol. 2, chapter 31). The
    expectation is a Gauss-Legendre sum over the range of S that carries all but 1e-18 of its
    mass, with weights that are normalised to 1, so that no term grows with `df`: a series in the
    noncentrality, as in common libraries, gives NaN near a million degrees of freedom.

    Args:
        x: Critical value.
        df: Degrees of freedom, positive.
        noncentrality: Noncentrality.

    Returns:
        Probabilities, broadcast over the arguments.

    Example:
        >>> tail = noncentral_t_sf(x=1.96, df=[100.0, 1e6, 1e12], noncentrality=2.8)
        >>> [round(float(value), 6) for value in tail]
        [0.798682, 0.799546, 0.799546]
    """
    x, df, shift = np.broadcast_arrays(
        np.asarray(x, dtype=np.float64),
        np.asarray(df, dtype=np.float64),
        np.asarray(noncentrality, dtype=np.float64),
    )
    low = np.sqrt(2.0 * special.gammaincinv(df / 2.0, _NEGLIGIBLE) / df)
    high = np.sqrt(2.0 * special.gammainccinv(df / 2.0, _NEGLIGIBLE) / df)
    middle, half = (high + low) / 2.0, (high - low) / 2.0
    s = middle[..., None] + half[..., None] * _NODES
    u = s - 1.0
    with np.errstate(divide="ignore"):
        log_s = np.where(np.abs(u) < 0.5, np.log1p(np.maximum(u, -0.5)), np.log(s))
    log_density = df[..., None] * (log_s - u - u * u / 2.0) - log_s
    weights = _WEIGHTS * np.exp(log_density - log_density.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    tail = special.ndtr(shift[..., None] - x[..., None] * s)
    return np.asarray((weights * tail).sum(axis=-1), dtype=np.float64)


def rejection_probability(
    *,
    noncentrality: ArrayLike,
    alpha: float,
    alternative: Alternative,
    df: ArrayLike | None = None,
) -> FloatArray:
    """Give the probability that a fixed-horizon test rejects.

    A two-sided test counts both tails, as the test does, so power at no effect is `alpha`.

    Args:
        noncentrality: True difference from the null value in standard errors.
        alpha: Error rate of the test.
        alternative: Direction of the test.
        df: Degrees of freedom of Student's t; None for the normal distribution.

    Returns:
        Probabilities, broadcast over the arguments.

    Example:
        >>> round(float(rejection_probability(
        ...     noncentrality=0.0, alpha=0.05, alternative=Alternative.TWO_SIDED)), 12)
        0.05
    """
    shift = np.asarray(noncentrality, dtype=np.float64)
    per_side = alpha / 2.0 if alternative == Alternative.TWO_SIDED else alpha
    if alternative == Alternative.LESS:
        shift = -shift
    if df is None:
        critical = -special.ndtri(per_side)
        upper = special.ndtr(shift - critical)
        lower = special.ndtr(-shift - critical)
    else:
        critical = -special.stdtrit(df, per_side)
        upper = noncentral_t_sf(x=critical, df=df, noncentrality=shift)
        lower = noncentral_t_sf(x=critical, df=df, noncentrality=-shift)
    probability = upper + lower if alternative == Alternative.TWO_SIDED else upper
    return np.asarray(probability, dtype=np.float64)
