"""One call from moments to a report: every metric, segment and treatment at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.stats.adjustment import PairResult, estimate_pairs
from analytics.stats.beliefs import beliefs_of
from analytics.stats.estimands import Effects, PairEstimates, compare, interval_limits
from analytics.stats.experiment import ExperimentMoments
from analytics.stats.guardrails import Margins, non_inferiority
from analytics.stats.layout import ArmEstimates, Layout, estimate_arms, layout_of
from analytics.stats.metrics import Direction, MarginScale, Metric, Proportion, Quantile, RateTest, Retention, Role
from analytics.stats.moments import Floats, Moments
from analytics.stats.multiplicity import Correction, adjust
from analytics.stats.plan import AnalysisPlan
from analytics.stats.quantiles import quantile_arms, quantile_pairs
from analytics.stats.reasons import Reason, StatisticsError, code_of, mark, no_reasons
from analytics.stats.report import Corrected, Report
from analytics.stats.score import RatePairs
from analytics.stats.trust import multiple_exposures, sample_ratio

_ARM_FIELDS = ("units", "value", "variance", "reason")
_PAIR_FIELDS = (
    "control",
    "treatment",
    "difference",
    "difference_variance",
    "control_variance",
    "covariance",
    "df",
    "units",
    "reason",
)


def analyse(plan: AnalysisPlan, moments: ExperimentMoments) -> Report:
    """Analyse an experiment as planned.

    Every metric, segment and treatment is computed in one vectorised pass: metrics of
    equal layout share the same array operations. What cannot be computed carries a reason.

    Args:
        plan: What was decided before looking.
        moments: The data.

    Raises:
        StatisticsError: The plan does not fit the data: unknown control arm, a metric whose
            columns are missing, post-stratification without strata.

    >>> from analytics.stats.metrics import Margin, Proportion
    >>> plan = AnalysisPlan(control="A", weights={"A": 1, "B": 1}, metrics=(
    ...     Metric(name="bought", measure=Proportion(), role=Role.PRIMARY),))
    >>> data = ExperimentMoments(arms=("A", "B"), exposed=(1000, 1000), metrics={
    ...     "bought": Moments.from_sums(count=[1000, 1000], sums={"value": [100, 120]},
    ...                                 products={("value", "value"): [100, 120]})})
    >>> row = analyse(plan, data).row(metric="bought")
    >>> round(row.difference, 3), round(row.lift, 3), round(row.p_value, 6), row.significant
    (0.02, 0.2, 0.152865, False)
    """
    _check(plan, moments)
    arms, pairs, slopes = _estimate(plan, moments)
    effects = compare(pairs=pairs, design=plan.design, alpha=plan.alpha, alternative=plan.alternative)
    treatments = tuple(arm for arm in moments.arms if arm != plan.control)
    return Report(
        plan=plan,
        moments=moments,
        treatments=treatments,
        arms=arms,
        effects=effects,
        corrected=_correct(plan, pairs, effects),
        guardrails=non_inferiority(
            pairs=pairs, margins=_margins(plan.metrics), design=plan.design, alpha=plan.guardrail_alpha
        ),
        scored=np.zeros(effects.reason.shape, dtype=np.bool_) if pairs.rates is None else pairs.rates.chosen,
        beliefs=None
        if plan.prior is None
        else beliefs_of(pairs=pairs, effects=effects, metrics=plan.metrics, prior=plan.prior, alpha=plan.alpha),
        variance_reduction=_variance_reduction(plan, moments, arms, pairs),
        slopes=slopes,
        sample_ratio=sample_ratio(
            observed=moments.exposed or (0,) * len(moments.arms),
            weights=_weights(plan, moments),
            alpha=plan.sample_ratio_alpha,
        ),
        multiple_exposures=None
        if moments.exposed is None or moments.multiply_exposed is None
        else multiple_exposures(
            units=sum(moments.exposed) + moments.multiply_exposed, multiple=moments.multiply_exposed
        ),
        reason=None if treatments else Reason.SINGLE_ARM,
    )


def _check(plan: AnalysisPlan, moments: ExperimentMoments) -> None:
    if plan.control not in moments.arms:
        raise StatisticsError(f"control {plan.control!r} is none of the arms {moments.arms}")
    if plan.post_stratify and not moments.strata:
        raise StatisticsError("post-stratification needs moments by stratum")
    if plan.stratum_weights is not None and len(plan.stratum_weights) != len(moments.strata):
        raise StatisticsError("one weight per stratum is needed")


def _weights(plan: AnalysisPlan, moments: ExperimentMoments) -> list[float] | None:
    if plan.weights is None or moments.exposed is None:
        return None
    unknown = set(plan.weights) - set(moments.arms)
    if unknown:
        raise StatisticsError(f"weights for arms without data: {sorted(unknown)}")
    return [plan.weights.get(arm, 0.0) for arm in moments.arms]


def _estimate(plan: AnalysisPlan, moments: ExperimentMoments) -> tuple[ArmEstimates, PairEstimates, tuple[Floats, ...]]:
    """Return estimates of all metrics; axes (metric, segment, arm or treatment)."""
    segments, arms = len(moments.segments), len(moments.arms)
    count = len(plan.metrics)
    arm_table = _absent((count, segments, arms), _ARM_FIELDS)
    pair_table = _absent((count, segments, arms - 1), _PAIR_FIELDS)
    slopes: list[Floats] = [np.zeros((segments, arms - 1, 0))] * count
    control = moments.arms.index(plan.control)
    for layout, members in _by_layout(plan.metrics, moments).items():
        stacked = _stack([plan.metrics[i] for i in members], moments)
        arm_estimates, result = _estimate_layout(plan, stacked, layout, control)
        _place(arm_table, members, arm_estimates)
        _place(pair_table, members, result.pairs)
        for position, i in enumerate(members):
            slopes[i] = result.slopes[position]
    for i, metric in enumerate(plan.metrics):
        if isinstance(metric.measure, Quantile) and metric.name in moments.metrics:
            summary = moments.quantiles(metric.name)
            if summary.probability != metric.measure.probability:
                raise StatisticsError(f"metric {metric.name!r} was measured at another quantile")
            _place(arm_table, [i], quantile_arms(summary=summary))
            _place(pair_table, [i], quantile_pairs(summary=summary, control=control))
    estimates = ArmEstimates(**arm_table)
    return estimates, _score_rates(plan, estimates, PairEstimates(**pair_table, rates=None), control), tuple(slopes)


def _score_rates(plan: AnalysisPlan, arms: ArmEstimates, pairs: PairEstimates, control: int) -> PairEstimates:
    """Let the score test compare the proportions that ask for it, or whose arms have no variance.

    Where all units of both arms are equal nothing was observed to compare, and the reason stays.
    """
    asked = np.array([_is_rate(metric) and not plan.post_stratify for metric in plan.metrics])[:, None, None]
    always = np.array([getattr(metric.measure, "test", None) is RateTest.SCORE for metric in plan.metrics])
    if not asked.any() or not pairs.reason.size:
        return pairs
    flat = code_of(Reason.ZERO_VARIANCE)
    usable = np.isin(arms.reason, (0, flat)) & (arms.value >= 0) & (arms.value <= 1)
    treated = [i for i in range(arms.value.shape[-1]) if i != control]
    hits = arms.value * arms.units
    shape = pairs.reason.shape
    rates = RatePairs(
        chosen=asked
        & (usable[..., [control]] & usable[..., treated])
        & ((pairs.reason == flat) | (always[:, None, None] & (pairs.reason == 0)))
        & (hits[..., [control]] + hits[..., treated] > 0)
        & (hits[..., [control]] + hits[..., treated] < arms.units[..., [control]] + arms.units[..., treated]),
        control_successes=np.broadcast_to(hits[..., [control]], shape),
        control_units=np.broadcast_to(arms.units[..., [control]], shape),
        treatment_successes=hits[..., treated],
        treatment_units=arms.units[..., treated],
    )
    return _scored(pairs, rates) if rates.chosen.any() else pairs


def _is_rate(metric: Metric) -> bool:
    return isinstance(metric.measure, Proportion | Retention) and not metric.covariates


def _scored(pairs: PairEstimates, rates: RatePairs) -> PairEstimates:
    """Return pairs whose chosen ones carry the variance under "no difference"."""
    variance, df, reason = pairs.difference_variance.copy(), pairs.df.copy(), pairs.reason.copy()
    variance[rates.chosen] = rates.only_chosen().null_variance()
    df[rates.chosen] = np.inf
    reason[rates.chosen] = 0
    return replace(pairs, difference_variance=variance, df=df, reason=reason, rates=rates)


def _estimate_layout(
    plan: AnalysisPlan, stacked: Moments, layout: Layout, control: int
) -> tuple[ArmEstimates, PairResult]:
    """Estimate the metrics of one layout; axes of ``stacked``: (metric, segment, stratum, arm)."""
    pooled = stacked[:, :, 0] if stacked.shape[2] == 1 else stacked.pooled(axis=2)
    cells = stacked if plan.post_stratify else pooled.reshape(*pooled.shape[:2], 1, pooled.shape[2])
    known = None if plan.stratum_weights is None else np.asarray(plan.stratum_weights)
    result = estimate_pairs(
        moments=cells,
        layout=layout,
        control=control,
        stratum_weights=known if plan.post_stratify else None,
    )
    return estimate_arms(moments=pooled, layout=layout), result


def _by_layout(metrics: Iterable[Metric], moments: ExperimentMoments) -> dict[Layout, list[int]]:
    groups: dict[Layout, list[int]] = defaultdict(list)
    for i, metric in enumerate(metrics):
        if metric.name in moments.metrics and not isinstance(metric.measure, Quantile):
            groups[layout_of(metric)].append(i)
    return groups


def _stack(metrics: list[Metric], moments: ExperimentMoments) -> Moments:
    """Return the metrics' moments as one batch; columns lose their names."""
    parts = []
    for metric in metrics:
        part = moments.cells(metric.name).select(*metric.columns)
        names = {name: f"column_{i}" for i, name in enumerate(part.columns)}
        parts.append(part.renamed(**names))
    return Moments.stack(parts)


def _absent(shape: tuple[int, ...], fields: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Return a table in which every metric is missing."""
    table: dict[str, NDArray[Any]] = {name: np.full(shape, np.nan) for name in fields}
    table["units"] = np.zeros(shape)
    reason = no_reasons(shape)
    mark(reason, np.ones(shape, dtype=bool), Reason.NO_DATA)
    table["reason"] = reason
    return table


def _place(table: dict[str, NDArray[Any]], rows: list[int], part: ArmEstimates | PairEstimates) -> None:
    for name, array in table.items():
        array[rows] = getattr(part, name)


def _correct(plan: AnalysisPlan, pairs: PairEstimates, effects: Effects) -> Corrected:
    """Correct each role's family and return intervals that agree."""
    log_p = effects.log_p_value.copy()
    level = np.full(log_p.shape, plan.alpha)
    significant = log_p <= np.log(plan.alpha)
    for role in Role:
        members = [i for i, metric in enumerate(plan.metrics) if metric.role is role]
        correction = plan.corrections.get(role, Correction.NONE)
        if not members or correction is Correction.NONE:
            continue
        family = log_p[members]
        by_segment = (family.shape[1], family.shape[0], family.shape[2])
        families = 1 if plan.family_spans_segments else family.shape[1]
        flat = np.moveaxis(family, 1, 0).reshape(families, -1)
        result = adjust(log_p=flat, correction=correction, alpha=plan.alpha)
        for target, source in (
            (log_p, result.log_p_value),
            (level, result.interval_level),
            (significant, result.rejected),
        ):
            target[members] = np.moveaxis(source.reshape(by_segment), 0, 1)
    limits = interval_limits(pairs=pairs, design=plan.design, alpha=level, alternative=plan.alternative)
    return Corrected(
        log_p_value=log_p,
        alpha=level,
        significant=significant,
        critical=limits.critical,
        lower=limits.lower,
        upper=limits.upper,
        lift_lower=limits.lift_lower,
        lift_upper=limits.lift_upper,
    )


def _margins(metrics: tuple[Metric, ...]) -> Margins:
    scale = np.array([m.margin.scale if m.margin else MarginScale.ABSOLUTE for m in metrics], dtype=object)
    return Margins(
        size=np.array([m.margin.size if m.margin else np.nan for m in metrics])[:, None, None],
        scale=scale[:, None, None],
        sign=np.array([1.0 if m.better is Direction.HIGHER else -1.0 for m in metrics])[:, None, None],
    )


def _variance_reduction(
    plan: AnalysisPlan, moments: ExperimentMoments, arms: ArmEstimates, pairs: PairEstimates
) -> Floats:
    """Return 1 - adjusted / plain variance of the difference; nan where nothing was adjusted."""
    control = moments.arms.index(plan.control)
    treated = [i for i in range(len(moments.arms)) if i != control]
    plain = arms.variance[..., [control]] + arms.variance[..., treated]
    adjusted = np.array(
        [(bool(m.covariates) or plan.post_stratify) and not isinstance(m.measure, Quantile) for m in plan.metrics],
        dtype=np.bool_,
    )
    used = adjusted[:, None, None] & (pairs.reason == 0)
    return np.where(used, 1 - pairs.difference_variance / np.where(used, plain, 1.0), np.nan)
