"""The Bayesian reading of a whole report: posteriors of every effect, and the best arm.

The plan's prior is about effects; the control's mean has a flat one. Posteriors are normal,
so comparisons by the score test (an arm without conversions) have none: `rate_belief` reads
those from beta distributions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from analytics.stats.bayes import NormalPrior, Posterior, normal_posterior
from analytics.stats.estimands import Effects, PairEstimates
from analytics.stats.metrics import Direction, Metric
from analytics.stats.moments import Floats
from analytics.stats.reasons import Reason, mark, reason_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Beliefs:
    """Posteriors of many comparisons; arrays (metric, segment, treatment).

    Attributes:
        difference: Of the differences.
        lift: Of the lifts.
        control_variance: Part of each difference's variance that all treatments share.
    """

    difference: Posterior
    lift: Posterior
    control_variance: Floats


@dataclass(frozen=True, kw_only=True)
class EffectBelief:
    """What is believed of one effect after the data.

    Attributes:
        mean: Expected effect.
        standard_deviation: Spread of the belief.
        lower: Lower end of the credible interval (one minus the plan's alpha).
        upper: Upper end.
        chance_to_win: Probability that the treatment is better, in the metric's direction.
        loss_of_treatment: Expected harm if the treatment is shipped.
        loss_of_control: Expected gain forgone if the control is kept.
    """

    mean: float
    standard_deviation: float
    lower: float
    upper: float
    chance_to_win: float
    loss_of_treatment: float
    loss_of_control: float


@dataclass(frozen=True, kw_only=True)
class Belief:
    """The Bayesian reading of one comparison.

    Attributes:
        difference: Of the difference, in units of the metric; decide on this one.
        lift: Of the lift. Its chance to win differs a little, since the control's noise is
            part of the lift's.
        reason: Why there is no belief in the difference.
        lift_reason: Why there is none in the lift although there is one in the difference.
    """

    difference: EffectBelief | None
    lift: EffectBelief | None
    reason: Reason | None
    lift_reason: Reason | None


def beliefs_of(
    *, pairs: PairEstimates, effects: Effects, metrics: tuple[Metric, ...], prior: NormalPrior, alpha: float
) -> Beliefs:
    """Return the posteriors of all effects, absolute and relative.

    Estimand: the difference, and the lift over the absolute value of the control's mean.
    Formula: see `normal_posterior`; the standard errors are those of the report (Welch,
    delta method, CUPED), so everything that reduces variance sharpens the belief too.
    Assumptions: estimates near normal; the prior was chosen before the data were seen.

    Args:
        pairs: Estimates.
        effects: Their tests.
        metrics: One per first index.
        prior: Prior of every effect.
        alpha: One minus the content of the credible intervals.
    """
    scored = np.zeros(effects.difference.shape, dtype=np.bool_) if pairs.rates is None else pairs.rates.chosen
    lower_wins = np.array([metric.better is Direction.LOWER for metric in metrics])[:, None, None]
    read = partial(normal_posterior, prior=prior, alpha=alpha, control_mean=effects.control)
    difference, lift = (
        _posterior(
            read(estimate=estimate, standard_error=error, relative=relative),
            read(estimate=estimate, standard_error=error, relative=relative, higher_is_better=False),
            lower_wins=np.broadcast_to(lower_wins, estimate.shape),
        )
        for estimate, error, relative in (
            (effects.difference, np.where(scored, np.nan, effects.standard_error), False),
            (effects.lift, effects.lift_standard_error, True),
        )
    )
    for posterior, reasons in ((difference, effects.reason), (lift, effects.lift_reason)):
        # The reason of the estimate says more than "not finite".
        posterior.reason[...] = np.where(scored, 0, np.where(reasons != 0, reasons, posterior.reason))
        mark(posterior.reason, scored, Reason.TOO_FEW_UNITS)
    return Beliefs(difference=difference, lift=lift, control_variance=-pairs.covariance)


def _posterior(higher: Posterior, lower: Posterior, *, lower_wins: np.typing.NDArray[np.bool_]) -> Posterior:
    """Return the posterior that wins in each metric's direction."""
    return Posterior(
        mean=higher.mean,
        standard_deviation=higher.standard_deviation,
        lower=higher.lower,
        upper=higher.upper,
        chance_to_win=np.where(lower_wins, lower.chance_to_win, higher.chance_to_win),
        loss_of_treatment=np.where(lower_wins, lower.loss_of_treatment, higher.loss_of_treatment),
        loss_of_control=np.where(lower_wins, lower.loss_of_control, higher.loss_of_control),
        reason=higher.reason,
    )


def belief_at(beliefs: Beliefs, index: tuple[int, ...]) -> Belief:
    """Return the belief of one comparison."""
    reason = reason_of(int(beliefs.difference.reason[index]))
    return Belief(
        difference=_effect(beliefs.difference, index),
        lift=_effect(beliefs.lift, index),
        reason=reason,
        lift_reason=None if reason else reason_of(int(beliefs.lift.reason[index])),
    )


def _effect(posterior: Posterior, index: tuple[int, ...]) -> EffectBelief | None:
    if posterior.reason[index] != 0:
        return None
    return EffectBelief(**{name: float(getattr(posterior, name)[index]) for name in _FIELDS})


_FIELDS = ("mean", "standard_deviation", "lower", "upper", "chance_to_win", "loss_of_treatment", "loss_of_control")
