"""Do tests of differences between effects keep their level and find what is there?"""

from collections.abc import Callable

import numpy as np
from scipy import special

from analytics.stats.calibration.row import Kind, Row, share_row
from analytics.stats.heterogeneity import effect_trend, segment_effects
from analytics.stats.interaction import interaction

_EXPERIMENTS = 20_000
_TRENDS = 4_000


def segments() -> tuple[Row, ...]:
    """Compare eight segments that do not differ, and eight that do."""
    rng = np.random.default_rng(401)
    error = np.linspace(0.5, 2.0, 8)
    none = segment_effects(estimate=rng.normal(0.0, error, size=(_EXPERIMENTS, 8)), standard_error=error)
    shared = segment_effects(estimate=rng.normal(3.0, error, size=(_EXPERIMENTS, 8)), standard_error=error)
    truth = np.array([0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0])
    moved = segment_effects(estimate=rng.normal(truth, error, size=(_EXPERIMENTS, 8)), standard_error=error)
    weight = 1 / error**2
    spread = float((weight * (truth - (weight * truth).sum() / weight.sum()) ** 2).sum())
    inside = ((shared.lower <= 3.0) & (shared.upper >= 3.0)).all(axis=1)
    return (
        share_row(
            method="Cochran's Q",
            scenario="8 segments, one effect for all",
            quantity="false positives",
            nominal=0.05,
            events=shared.p_value < 0.05,
        ),
        share_row(
            method="Cochran's Q",
            scenario="8 segments, one differs",
            quantity="power",
            nominal=1.0 - float(special.chndtr(special.chdtri(7, 0.05), 7, spread)),
            events=moved.p_value < 0.05,
        ),
        share_row(
            method="Effects by segment, Holm",
            scenario="8 segments without effect",
            quantity="any false positive",
            nominal=0.05,
            kind=Kind.AT_MOST,
            events=(none.segment_p_value < 0.05).any(axis=1),
        ),
        share_row(
            method="Effects by segment",
            scenario="8 segments, one effect for all",
            quantity="coverage of all intervals together",
            nominal=0.95,
            kind=Kind.AT_LEAST,
            events=inside,
        ),
    )


def trends() -> tuple[Row, ...]:
    """Follow effects over 14 days on the same units, whose days are correlated."""
    rng = np.random.default_rng(402)
    day = np.arange(1.0, 15.0)
    covariance = 0.04 * 0.7 ** np.abs(np.subtract.outer(day, day))
    root = np.linalg.cholesky(covariance)
    rows = []
    for slope, quantity in ((0.0, "false positives"), (-0.05, "power")):
        found = [
            effect_trend(day=day, estimate=1.0 + slope * day + root @ rng.normal(size=14), covariance=covariance)
            for _ in range(_TRENDS)
        ]
        shift = slope / found[0].standard_error
        nominal = float(special.ndtr(shift - 1.959964) + special.ndtr(-shift - 1.959964))
        rows.append(
            share_row(
                method="Novelty and primacy",
                scenario="14 correlated days",
                quantity=quantity,
                nominal=nominal,
                events=np.array([trend.p_value < 0.05 for trend in found]),
            )
        )
    return tuple(rows)


def interactions() -> tuple[Row, ...]:
    """Cross two experiments of two and three arms with skewed units."""
    rng = np.random.default_rng(403)
    units = np.array([[400, 380, 420], [410, 390, 400]])
    rows = []
    for extra, quantity in ((0.0, "false positives"), (0.3, "power")):
        mean = np.add.outer([1.0, 1.4], [0.0, 0.2, -0.1])
        mean[1, 2] += extra
        found = []
        for _ in range(_TRENDS):
            total = rng.gamma(units, 1.0) + units * (mean - 1.0)  # sums of exponential units
            found.append(interaction(mean=total / units, variance=np.ones((2, 3)), units=units).p_value)
        contrast = np.array([0.0, extra])
        noise = 1.0 / units
        own = noise[0, 1:] + noise[1, 1:]
        covariance = np.diag(own) + noise[0, 0] + noise[1, 0]
        spread = float(contrast @ np.linalg.solve(covariance, contrast))
        rows.append(
            share_row(
                method="Interaction of experiments",
                scenario="2 by 3 arms",
                quantity=quantity,
                nominal=1.0 - float(special.chndtr(special.chdtri(2, 0.05), 2, spread)),
                events=np.array(found) < 0.05,
            )
        )
    return tuple(rows)


DIFFERENCE: dict[str, Callable[[], tuple[Row, ...]]] = {
    "segments": segments,
    "trends": trends,
    "interactions": interactions,
}
