"""Do experiments of the planned size have the planned power?"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analytics.stats.calibration.row import Row, share_row
from analytics.stats.designs import Alternative
from analytics.stats.planning import (
    ExperimentDesign,
    NonInferiority,
    Scale,
    Superiority,
    mean_baseline,
    rate_baseline,
    ratio_baseline,
    sample_size,
)

FloatArray = NDArray[np.float64]

_EXPERIMENTS = 4_000
_POWER = 0.8


def _welch(control: FloatArray, treatment: FloatArray, *, null: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Give Welch's statistic and degrees of freedom of each row."""
    first = control.var(axis=1, ddof=1) / control.shape[1]
    second = treatment.var(axis=1, ddof=1) / treatment.shape[1]
    statistic = (treatment.mean(axis=1) - control.mean(axis=1) - null) / np.sqrt(first + second)
    df = (first + second) ** 2 / (first**2 / (control.shape[1] - 1) + second**2 / (treatment.shape[1] - 1))
    return statistic, df


def _row(*, scenario: str, p_value: FloatArray) -> Row:
    return share_row(
        method="Sample size",
        scenario=scenario,
        quantity="power",
        nominal=_POWER,
        events=np.asarray(p_value < 0.05),
    )


def planned_mean() -> tuple[Row, ...]:
    """Plan a mean with an unequal split and CUPED, and adjust by the covariate."""
    rng = np.random.default_rng(101)
    design = ExperimentDesign(allocation=(2, 1))
    baseline = mean_baseline(mean=10, standard_deviation=5, covariate_correlation=0.6)
    size = sample_size(baseline=baseline, effect=0.1, design=design)
    arms = []
    for units, lift in zip(size.per_arm.astype(int), (0.0, 1.0), strict=True):
        before = rng.normal(size=(_EXPERIMENTS, units))
        noise = rng.normal(size=(_EXPERIMENTS, units))
        arms.append(10 + lift + 5 * (0.6 * before + 0.8 * noise) - 3.0 * before)
    statistic, df = _welch(*arms)
    return (_row(scenario="mean, 2:1, CUPED", p_value=2 * special.stdtr(df, -np.abs(statistic))),)


def planned_rate() -> tuple[Row, ...]:
    """Plan a proportion, two-sided and one-sided downwards."""
    rng = np.random.default_rng(102)
    rows = []
    for alternative, lift in ((Alternative.TWO_SIDED, 0.2), (Alternative.LESS, -0.2)):
        design = ExperimentDesign(hypothesis=Superiority(alternative=alternative))
        size = sample_size(baseline=rate_baseline(rate=0.1), effect=lift, design=design)
        units = size.per_arm
        first, second = (
            rng.binomial(int(count), rate, size=20_000) / count
            for count, rate in zip(units, (0.1, 0.1 * (1 + lift)), strict=True)
        )
        error = np.sqrt(first * (1 - first) / units[0] + second * (1 - second) / units[1])
        statistic = (second - first) / error
        tail = 2 * special.ndtr(-np.abs(statistic)) if lift > 0 else special.ndtr(statistic)
        rows.append(_row(scenario=f"rate 10%, {alternative.value}", p_value=tail))
    return tuple(rows)


def planned_ratio() -> tuple[Row, ...]:
    """Plan revenue per session, with units as users."""
    rng = np.random.default_rng(103)
    baseline = ratio_baseline(
        numerator_mean=6, denominator_mean=3, numerator_variance=2 * 4 + 3, denominator_variance=2, covariance=4
    )
    size = sample_size(baseline=baseline, effect=0.06, design=ExperimentDesign())
    linear = []
    for units, ratio in zip(size.per_arm.astype(int), (2.0, 2.0 * 1.06), strict=True):
        sessions = 1.0 + rng.poisson(2.0, size=(_EXPERIMENTS, units))
        revenue = ratio * sessions + np.sqrt(3.0) * rng.normal(size=sessions.shape)
        estimate = (revenue.mean(axis=1) / sessions.mean(axis=1))[:, None]
        residual = (revenue - estimate * sessions) / sessions.mean(axis=1)[:, None]
        linear.append((estimate[:, 0], residual.var(axis=1, ddof=1) / units))
    (first, noise), (second, other) = linear
    statistic = (second - first) / np.sqrt(noise + other)
    return (_row(scenario="ratio of means", p_value=2 * special.ndtr(-np.abs(statistic))),)


def planned_guardrail() -> tuple[Row, ...]:
    """Plan a guardrail: found safe if harmless, and rarely if harm is at the margin."""
    rng = np.random.default_rng(104)
    design = ExperimentDesign(hypothesis=NonInferiority(margin=0.6, scale=Scale.ABSOLUTE))
    size = sample_size(baseline=mean_baseline(mean=10, standard_deviation=5), design=design)
    units = int(size.per_arm[0])
    rows = []
    for shift, nominal, quantity in ((0.0, _POWER, "power"), (-0.6, 0.05, "harm at the margin called safe")):
        control = rng.normal(10, 5, size=(_EXPERIMENTS, units))
        treatment = rng.normal(10 + shift, 5, size=(_EXPERIMENTS, units))
        statistic, df = _welch(control, treatment, null=-0.6)
        events = special.stdtr(df, -statistic) < 0.05
        rows.append(
            share_row(method="Sample size", scenario="guardrail", quantity=quantity, nominal=nominal, events=events)
        )
    return tuple(rows)


PLANNED: dict[str, Callable[[], tuple[Row, ...]]] = {
    "planned mean": planned_mean,
    "planned rate": planned_rate,
    "planned ratio": planned_ratio,
    "planned guardrail": planned_guardrail,
}
