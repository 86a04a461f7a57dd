"""Questions to a finished report: which arm is best, do segments differ, what of rare events?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.stats.bayes_best import SharedControl, best_of
from analytics.stats.bayes_rates import BetaPrior, rate_posterior
from analytics.stats.heterogeneity import SegmentEffects, segment_effects
from analytics.stats.metrics import Direction, Proportion, Retention
from analytics.stats.reasons import Reason, StatisticsError, reason_of
from analytics.stats.report import Report


@dataclass(frozen=True, kw_only=True)
class BestArm:
    """Which arm is the best on one metric.

    Attributes:
        chance: Per arm, the probability that it is the best; empty where ``reason``.
        expected_loss: Per arm, its expected shortfall against the best, in units of the metric.
        reason: Why there is no answer.
    """

    chance: Mapping[str, float]
    expected_loss: Mapping[str, float]
    reason: Reason | None


def best_arm(*, report: Report, metric: str, segment: str | None = None) -> BestArm:
    """Return each arm's chance to be the best on a metric, under the plan's prior.

    Estimand and formula: see `bayes_best.best_of`. With one treatment it is its chance to win.

    Args:
        report: A report whose plan has a prior.
        metric: Name of the metric.
        segment: Name of the segment; may be left out when there is one.

    Raises:
        StatisticsError: The plan has no prior.

    >>> from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, NormalPrior, analyse
    >>> data = ExperimentMoments(arms=("A", "B", "C"), metrics={"m": Moments.from_sums(
    ...     count=[100, 100, 100], sums={"value": [500, 500, 500]}, products={("value", "value"): [3000] * 3})})
    >>> report = analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"),), prior=NormalPrior()), data)
    >>> {arm: round(chance, 4) for arm, chance in best_arm(report=report, metric="m").chance.items()}
    {'A': 0.3333, 'B': 0.3333, 'C': 0.3333}
    """
    beliefs, prior = report.beliefs, report.plan.prior
    if beliefs is None or prior is None:
        raise StatisticsError("the plan asks for no belief: give it a prior")
    arms = (report.plan.control, *report.treatments)
    if not report.treatments:
        return BestArm(chance={}, expected_loss={}, reason=Reason.SINGLE_ARM)
    at = report.position(metric=metric, treatment=report.treatments[0], segment=segment)[:2]
    reasons = [reason_of(code) for code in beliefs.difference.reason[at].tolist()]
    reason = next((reason for reason in reasons if reason is not None), None)
    if reason is not None:
        return BestArm(chance={}, expected_loss={}, reason=reason)
    variance = report.effects.standard_error[at] ** 2
    # With covariates each pair has its own slope, and its own share of the control's noise.
    shared = np.minimum(beliefs.control_variance[at], (1 - 1e-9) * variance).mean()
    centre, spread = prior.on_scale(relative=False, control_mean=np.asarray(report.effects.control[at].mean()))
    chance, loss = best_of(
        SharedControl(
            difference=report.effects.difference[at],
            variance=np.maximum(variance, shared * (1 + 1e-9)),
            control_variance=float(shared),
            prior_mean=float(centre),
            prior_variance=float(spread),
        ),
        higher_is_better=report.plan.metrics[at[0]].better is Direction.HIGHER,
    )
    return BestArm(
        chance=dict(zip(arms, chance.tolist(), strict=True)),
        expected_loss=dict(zip(arms, loss.tolist(), strict=True)),
        reason=None,
    )


@dataclass(frozen=True, kw_only=True)
class RateBelief:
    """What is believed of the rates of all arms, from beta distributions.

    Attributes:
        mean: Per arm, the expected rate; empty where ``reason``.
        lower: Per arm, the lower end of the rate's credible interval.
        upper: Per arm, the upper end.
        chance: Per arm, the probability that it is the best; with two arms the chance to win.
        expected_loss: Per arm, its expected shortfall against the best.
        reason: Why there is no answer.
    """

    mean: Mapping[str, float]
    lower: Mapping[str, float]
    upper: Mapping[str, float]
    chance: Mapping[str, float]
    expected_loss: Mapping[str, float]
    reason: Reason | None


def rate_belief(
    *, report: Report, metric: str, segment: str | None = None, prior: BetaPrior | None = None
) -> RateBelief:
    """Return the belief in the arms' rates, right for rates near 0 or 1 and for few units.

    Estimand: the arms' proportions, as observed (without covariates or strata). See
    `bayes_rates.rate_posterior`.

    Args:
        report: A report.
        metric: Name of a metric that is a proportion.
        segment: Name of the segment; may be left out when there is one.
        prior: Prior of every arm; Jeffreys' by default.

    Raises:
        StatisticsError: The metric is no proportion.

    >>> from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, Proportion, analyse
    >>> data = ExperimentMoments(arms=("A", "B"), metrics={
    ...     "m": Moments.from_counts(count=[100, 100], successes=[1, 5])})
    >>> report = analyse(AnalysisPlan(control="A", metrics=(Metric(name="m", measure=Proportion()),)), data)
    >>> round(rate_belief(report=report, metric="m").chance["B"], 4)
    0.9551
    """
    names = report.moments.arms
    results = [report.arm(metric=metric, arm=arm, segment=segment) for arm in names]
    specification = next(one for one in report.plan.metrics if one.name == metric)
    if not isinstance(specification.measure, Proportion | Retention):
        raise StatisticsError(f"metric {metric!r} is no proportion")
    missing = next((result.reason for result in results if result.value is None), None)
    if missing is not None or len(names) < 2:
        none: dict[str, float] = {}
        reason = missing or Reason.SINGLE_ARM
        return RateBelief(mean=none, lower=none, upper=none, chance=none, expected_loss=none, reason=reason)
    units = np.array([float(result.units) for result in results])
    found = rate_posterior(
        successes=np.round(units * [result.value or 0.0 for result in results], 9),
        units=units,
        prior=prior,
        alpha=report.plan.alpha,
        higher_is_better=specification.better is Direction.HIGHER,
    )
    parts = {
        "mean": found.mean,
        "lower": found.lower,
        "upper": found.upper,
        "chance": found.chance_to_be_best,
        "expected_loss": found.expected_loss,
    }
    by_arm = {name: dict(zip(names, values.tolist(), strict=True)) for name, values in parts.items()}
    return RateBelief(**by_arm, reason=None)


def effects_across_segments(*, report: Report, relative: bool = False) -> SegmentEffects:
    """Return the test of heterogeneity of every metric and treatment over the report's segments.

    Estimand: the differences (or lifts) of the segments and whether they are one. Arrays
    (metric, treatment), and (metric, treatment, segment) for what belongs to a segment. See
    `heterogeneity.segment_effects`.

    Args:
        report: A report whose segments do not overlap and were known before exposure.
        relative: Compare lifts in place of differences.
    """
    value, error = report.effects.difference, report.effects.standard_error
    if relative:
        value, error = report.effects.lift, report.effects.lift_standard_error
    return segment_effects(
        estimate=np.moveaxis(value, 1, -1), standard_error=np.moveaxis(error, 1, -1), alpha=report.plan.alpha
    )


@dataclass(frozen=True, kw_only=True)
class Heterogeneity:
    """Whether one treatment's effect on one metric differs between segments.

    Attributes:
        q: Cochran's Q; None, as all numbers, where ``reason``.
        degrees_of_freedom: Usable segments minus one.
        p_value: Of "all segments have the same effect".
        i_squared: Share of the variation between segments that is not noise.
        tau: Standard deviation of the true effects.
        deviating: Segments whose effect differs from that of the others, after correction.
        reason: Why there is no test.
    """

    q: float | None
    degrees_of_freedom: int | None
    p_value: float | None
    i_squared: float | None
    tau: float | None
    deviating: tuple[str, ...]
    reason: Reason | None


def heterogeneity(
    *, report: Report, metric: str, treatment: str | None = None, relative: bool = False
) -> Heterogeneity:
    """Return whether an effect differs between the segments of a report.

    Args:
        report: A report by segment.
        metric: Name of the metric.
        treatment: Name of the treatment; may be left out when there is one.
        relative: Compare lifts in place of differences.

    >>> from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, analyse
    >>> moments = Moments.from_sums(count=[[100, 100], [100, 100]], sums={"value": [[500, 500], [500, 600]]},
    ...     products={("value", "value"): [[3000, 3000], [3000, 4100]]})
    >>> data = ExperimentMoments(arms=("A", "B"), segments=("web", "app"), metrics={"m": moments})
    >>> found = heterogeneity(report=analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"),)), data), metric="m")
    >>> round(found.q, 3), found.degrees_of_freedom, round(found.p_value, 4), round(found.i_squared, 3)
    (4.95, 1, 0.0261, 0.798)
    """
    first = report.moments.segments[0]
    at = report.position(metric=metric, treatment=treatment, segment=first)
    found = effects_across_segments(report=report, relative=relative)
    place = (at[0], at[2])
    reason = reason_of(int(found.reason[place]))
    if reason is not None:
        return Heterogeneity(
            q=None, degrees_of_freedom=None, p_value=None, i_squared=None, tau=None, deviating=(), reason=reason
        )
    differs = found.deviation_p_value[place] <= report.plan.alpha
    return Heterogeneity(
        q=float(found.q[place]),
        degrees_of_freedom=int(found.degrees_of_freedom[place]),
        p_value=float(found.p_value[place]),
        i_squared=float(found.i_squared[place]),
        tau=float(found.tau[place]),
        deviating=tuple(name for name, flag in zip(report.moments.segments, differs.tolist(), strict=True) if flag),
        reason=None,
    )
