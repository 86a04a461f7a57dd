"""Error rates of differences and lifts: means, proportions, ratios, CUPED, strata, quantiles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from analytics.stats.adjustment import estimate_pairs
from analytics.stats.calibration.populations import simulated_moments
from analytics.stats.calibration.row import Kind, Row, share_row
from analytics.stats.designs import FixedHorizon
from analytics.stats.estimands import Effects, PairEstimates, compare
from analytics.stats.layout import Layout
from analytics.stats.moments import Floats, Moments
from analytics.stats.planning.tail import noncentral_t_sf
from analytics.stats.quantiles import QuantileSummary, quantile_pairs, summarise

ALPHA = 0.05
_RUNS = 20_000
_MEAN = Layout(width=1, terms=((0, None),), ddof=1)
_RATE = Layout(width=1, terms=((0, None),), ddof=0)
_RATIO = Layout(width=2, terms=((0, 1),), ddof=1)


def means() -> tuple[Row, ...]:
    """Welch's test on normal data with unequal variances and small arms."""
    rng = np.random.default_rng(101)
    sizes, deviations, effect = (25, 60), (1.0, 3.0), 1.2
    moments = simulated_moments(
        control={"y": rng.normal(10, deviations[0], (_RUNS, sizes[0]))},
        treatment={"y": rng.normal(10 + effect, deviations[1], (_RUNS, sizes[1]))},
    )
    effects = _effects(moments, _MEAN)
    variance = deviations[0] ** 2 / sizes[0], deviations[1] ** 2 / sizes[1]
    df = sum(variance) ** 2 / (variance[0] ** 2 / (sizes[0] - 1) + variance[1] ** 2 / (sizes[1] - 1))
    critical = FixedHorizon().critical(
        alpha=np.asarray(ALPHA), df=np.asarray(df), units=np.asarray(85.0), two_sided=True
    )
    power = float(noncentral_t_sf(x=critical, df=df, noncentrality=effect / np.sqrt(sum(variance))))
    name = "Welch; means, n = 25 and 60, variances 1 and 9"
    return (
        *_two(name, _shifted(moments, -effect), effects, _MEAN, truth=effect),
        _row(name=name, quantity="power", nominal=power, events=effects.p_value[:, 0] <= ALPHA),
    )


def skewed_means() -> tuple[Row, ...]:
    """Welch's test on exponential data: the central limit theorem at work."""
    rng = np.random.default_rng(102)
    moments = simulated_moments(
        control={"y": rng.exponential(10, (5_000, 1_000))}, treatment={"y": rng.exponential(10, (5_000, 1_000))}
    )
    return _both("Welch; means, exponential, n = 1,000", _effects(moments, _MEAN), truth=0.0)


def proportions() -> tuple[Row, ...]:
    """Unpooled test of proportions."""
    rng = np.random.default_rng(103)
    sizes, rate, effect = np.array([2000, 3000]), 0.08, 0.02
    rows: list[Row] = []
    for gain in (0.0, effect):
        ones = rng.binomial(sizes, [rate, rate + gain], (_RUNS, 2))
        effects = _effects(Moments.from_counts(count=np.broadcast_to(sizes, ones.shape), successes=ones), _RATE)
        name = f"Unpooled proportions; {rate:.0%} against {rate + gain:.0%}, n = 2,000 and 3,000"
        rows += _both(name, effects, truth=gain, null=gain == 0)
    return tuple(rows)


def ratios() -> tuple[Row, ...]:
    """Delta method: clicks over views, with users who differ in both."""
    rng = np.random.default_rng(104)
    arms = {}
    for arm, rate in (("control", 0.3), ("treatment", 0.3)):
        taste = rng.beta(3, 3 / rate - 3, (4_000, 600))
        views = 1 + rng.poisson(4, taste.shape)
        arms[arm] = {"clicks": rng.binomial(views, taste).astype(float), "views": views.astype(float)}
    return _both("Delta method; ratio, n = 600", _effects(simulated_moments(**arms), _RATIO), truth=0.0)


def cuped() -> tuple[Row, ...]:
    """CUPED of a mean with one and with four covariates, and of a ratio."""
    rng = np.random.default_rng(105)
    rows: list[Row] = []
    for covariates, size in ((1, 50), (4, 200)):
        arms = {}
        for arm, effect in (("control", 0.0), ("treatment", 0.5)):
            x = rng.normal(size=(covariates, 10_000, size))
            y = x.sum(axis=0) + effect + rng.normal(size=x.shape[1:])
            arms[arm] = {"y": y, **{f"x{i}": x[i] for i in range(covariates)}}
        layout = Layout(width=1 + covariates, terms=tuple((i, None) for i in range(1 + covariates)), ddof=1)
        moments = simulated_moments(**arms)
        name = f"CUPED; mean, {covariates} covariate{'s' if covariates > 1 else ''}, n = {size}"
        rows += _two(name, _shifted(moments, -0.5), _effects(moments, layout), layout, truth=0.5)
    return (*rows, *_cuped_ratio())


def _cuped_ratio() -> tuple[Row, ...]:
    rng = np.random.default_rng(106)
    arms = {}
    for arm in ("control", "treatment"):
        taste = rng.beta(3, 7, (4_000, 500))
        views, before = 1 + rng.poisson(4, taste.shape), 1 + rng.poisson(4, taste.shape)
        arms[arm] = {
            "clicks": rng.binomial(views, taste).astype(float),
            "views": views.astype(float),
            "clicks_before": rng.binomial(before, taste).astype(float),
            "views_before": before.astype(float),
        }
    layout = Layout(width=4, terms=((0, 1), (2, 3)), ddof=1)
    return _both("CUPED; ratio, adjusted by a ratio, n = 500", _effects(simulated_moments(**arms), layout), truth=0.0)


def strata() -> tuple[Row, ...]:
    """Post-stratification with weights estimated from the data and effects that differ."""
    rng = np.random.default_rng(107)
    runs, shares, level = 10_000, np.array([0.5, 0.3, 0.2]), np.array([0.0, 5.0, 20.0])
    gain = np.array([0.0, 1.0, 3.0])
    rows: list[Row] = []
    for effects_differ in (False, True):
        effect = gain if effects_differ else np.zeros(3)
        cells = [_stratum_arms(rng, runs=runs, size=400, shares=shares, means=level + on * effect) for on in (0.0, 1.0)]
        pairs = estimate_pairs(moments=Moments.stack(cells, axis=-1), layout=_MEAN).pairs
        name = f"Post-stratification; {'different effects' if effects_differ else 'no effect'}, n = 400"
        rows += _both(name, _compare(pairs), truth=float(shares @ effect), null=not effects_differ)
    return tuple(rows)


def _stratum_arms(rng: np.random.Generator, *, runs: int, size: int, shares: Floats, means: Floats) -> Moments:
    """Return moments of one arm, shape (experiment, stratum), with random stratum sizes."""
    count = rng.multinomial(size, shares, runs).astype(np.float64)
    # Normal data: the mean and the sum of squares are independent, and can be drawn directly.
    mean = means + rng.normal(size=count.shape) / np.sqrt(count)
    return Moments.from_centred(
        columns=("y",),
        count=count,
        mean=mean[..., None],
        comoment=rng.chisquare(count - 1)[..., None, None],
    )


def lifts() -> tuple[Row, ...]:
    """Fieller's interval of the lift where the control is four standard errors from zero."""
    rng = np.random.default_rng(108)
    rows: list[Row] = []
    for mean, lift in ((2.0, 0.8), (-2.0, 0.8)):
        treated = mean + lift * abs(mean)
        moments = simulated_moments(
            control={"y": rng.normal(mean, 5, (_RUNS, 200))}, treatment={"y": rng.normal(treated, 5, (_RUNS, 200))}
        )
        effects = _effects(moments, _MEAN)
        known = ~np.isnan(effects.lift_lower[:, 0])
        inside = (effects.lift_lower <= lift) & (lift <= effects.lift_upper)
        # Where no bounded interval exists none is shown: an unbounded set covers.
        covered = np.where(known, inside[:, 0], 1.0)
        rows.append(
            _row(
                name=f"Fieller; lift, control {mean:g} ± 0.35, n = 200",
                quantity="coverage",
                nominal=1 - ALPHA,
                events=covered,
                kind=Kind.AT_LEAST,
            )
        )
    return tuple(rows)


def quantiles() -> tuple[Row, ...]:
    """Differences of 90th percentiles of units and of medians of clustered events."""
    rng = np.random.default_rng(109)
    pairs = QuantileSummary.stack([_summaries(rng.lognormal(size=(4_000, 1_000)), probability=0.9) for _ in range(2)])
    unit = _compare(quantile_pairs(summary=pairs))
    summaries = []
    user = np.repeat(np.arange(300), 6)
    for _ in range(2):
        values = rng.normal(size=(1_500, 300))[:, user] + rng.normal(size=(1_500, user.size))
        rows = [summarise(values=row, probability=0.5, cluster=user) for row in values]
        summaries.append(QuantileSummary.stack(rows))
    clustered = _compare(quantile_pairs(summary=QuantileSummary.stack(summaries)))
    return (
        *_both("Quantiles; 90th percentile of 1,000 units", unit, truth=0.0),
        *_both("Quantiles; median of 1,800 events in 300 clusters", clustered, truth=0.0),
    )


def _summaries(values: Floats, *, probability: float) -> QuantileSummary:
    return QuantileSummary.stack([summarise(values=row, probability=probability) for row in values])


def _effects(moments: Moments, layout: Layout) -> Effects:
    cells = moments.reshape(moments.shape[0], 1, moments.shape[1])
    return _compare(estimate_pairs(moments=cells, layout=layout).pairs)


def _compare(pairs: PairEstimates) -> Effects:
    return compare(pairs=pairs, design=FixedHorizon(), alpha=ALPHA)


def _shifted(moments: Moments, by: float) -> Moments:
    """Return the same data with the treatment's outcome moved: the effect becomes zero."""
    mean = moments.mean.copy()
    mean[:, 1, 0] += by
    return Moments.from_centred(columns=moments.columns, count=moments.count, mean=mean, comoment=moments.comoment)


def _two(name: str, null: Moments, effects: Effects, layout: Layout, *, truth: float) -> tuple[Row, ...]:
    """Return the false-positive rate without and the coverage with an effect."""
    return (_both(name, _effects(null, layout), truth=0.0)[0], _coverage(name, effects, truth))


def _both(name: str, effects: Effects, *, truth: float, null: bool = True) -> tuple[Row, ...]:
    coverage = _coverage(name, effects, truth)
    if not null:
        return (coverage,)
    rejected = effects.p_value[:, 0] <= ALPHA
    return (_row(name=name, quantity="false positives", nominal=ALPHA, events=rejected), coverage)


def _coverage(name: str, effects: Effects, truth: float) -> Row:
    covered = (effects.lower[:, 0] <= truth) & (truth <= effects.upper[:, 0])
    return _row(name=name, quantity="coverage", nominal=1 - ALPHA, events=covered)


def _row(*, name: str, quantity: str, nominal: float, events: ArrayLike, kind: Kind = Kind.EQUAL) -> Row:
    method, _, scenario = name.partition("; ")
    return share_row(method=method, scenario=scenario, quantity=quantity, nominal=nominal, events=events, kind=kind)


EFFECTS: dict[str, Callable[[], tuple[Row, ...]]] = {
    "means": means,
    "skewed_means": skewed_means,
    "proportions": proportions,
    "ratios": ratios,
    "cuped": cuped,
    "strata": strata,
    "lifts": lifts,
    "quantiles": quantiles,
}
