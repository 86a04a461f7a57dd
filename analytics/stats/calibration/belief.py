"""Are beliefs right as often as they say, and shrunken winners as large as they say?"""

from collections.abc import Callable

import numpy as np

from analytics.stats.bayes import NormalPrior, chance_to_be_best, normal_posterior
from analytics.stats.bayes_rates import BetaPrior, rate_posterior
from analytics.stats.calibration.row import Row, share_row
from analytics.stats.shrinkage import cumulative_impact, effect_history, shrink

_EXPERIMENTS = 20_000
_SETS = 2_000
_HISTORIES = 3_000


def normal_beliefs() -> tuple[Row, ...]:
    """Draw truths from the prior: the posterior must then be calibrated, stopped early or not."""
    rng = np.random.default_rng(301)
    truth = rng.normal(0.01, 0.02, _EXPERIMENTS)
    observed = rng.normal(truth, 0.015)
    found = normal_posterior(
        estimate=observed, standard_error=0.015, prior=NormalPrior(mean=0.01, standard_deviation=0.02)
    )
    sure = found.chance_to_win > 0.9
    inside = (found.lower <= truth) & (truth <= found.upper)
    scenario = "truths drawn from the prior"
    return (
        share_row(method="Normal posterior", scenario=scenario, quantity="coverage", nominal=0.95, events=inside),
        share_row(
            method="Normal posterior",
            scenario=f"{scenario}; chance to win above 90%",
            quantity="wins",
            nominal=float(found.chance_to_win[sure].mean()),
            events=truth[sure] > 0,
        ),
    )


def rate_beliefs() -> tuple[Row, ...]:
    """Draw small rates from the prior of a beta-binomial."""
    rng = np.random.default_rng(302)
    prior = BetaPrior(successes=1.0, failures=50.0)
    truth = rng.beta(1.0, 50.0, size=(_SETS, 3))
    units = np.array([200, 150, 100])
    found = rate_posterior(successes=rng.binomial(units, truth), units=units, prior=prior)
    leader = found.chance_to_be_best.argmax(axis=1)
    each = np.arange(_SETS)
    scenario = "three rates near 2%, drawn from the prior"
    return (
        share_row(
            method="Beta-binomial posterior",
            scenario=scenario,
            quantity="coverage",
            nominal=0.95,
            events=((found.lower <= truth) & (truth <= found.upper))[:, 0],
        ),
        share_row(
            method="Beta-binomial posterior",
            scenario=scenario,
            quantity="leader is the best",
            nominal=float(found.chance_to_be_best[each, leader].mean()),
            events=truth.argmax(axis=1) == leader,
        ),
    )


def best_of_several_means() -> tuple[Row, ...]:
    """Draw four means from a wide prior and name the best."""
    rng = np.random.default_rng(303)
    truth = rng.normal(0.0, 1.0, size=(_SETS, 4))
    error = np.array([0.3, 0.4, 0.5, 0.6])
    belief = normal_posterior(
        estimate=rng.normal(truth, error),
        standard_error=error,
        prior=NormalPrior(standard_deviation=1.0),
    )
    best = chance_to_be_best(means=belief.mean, standard_deviations=belief.standard_deviation)
    leader = best.chance.argmax(axis=1)
    return (
        share_row(
            method="Chance to be best",
            scenario="four means drawn from the prior",
            quantity="leader is the best",
            nominal=float(best.chance[np.arange(_SETS), leader].mean()),
            events=truth.argmax(axis=1) == leader,
        ),
    )


def shrunken_winners() -> tuple[Row, ...]:
    """Learn from 60 past experiments and correct the winners among them.

    The spread of true effects is drawn anew for each history, as the flat prior believes: with one
    given spread a belief is right on average over spreads only.
    """
    rng = np.random.default_rng(304)
    covered, summed = [], []
    for _ in range(_HISTORIES):
        error = rng.uniform(0.005, 0.02, 60)
        truth = rng.normal(0.0, rng.uniform(0.0, 0.03), 60)
        observed = rng.normal(truth, error)
        history = effect_history(estimate=observed, standard_error=error)
        winners = observed / error > 1.645
        if not winners.any():
            continue
        first = int(np.flatnonzero(winners)[0])
        found = shrink(estimate=observed[first], standard_error=error[first], history=history)
        covered.append(bool(found.lower <= truth[first] <= found.upper))
        total = cumulative_impact(
            estimate=observed[winners], standard_error=error[winners], history=history, relative=False
        )
        summed.append(bool(total.lower <= truth[winners].sum() <= total.upper))
    scenario = "winners among 60 experiments"
    return (
        share_row(method="Shrinkage", scenario=scenario, quantity="coverage", nominal=0.95, events=np.array(covered)),
        share_row(
            method="Cumulative impact",
            scenario=scenario,
            quantity="coverage",
            nominal=0.95,
            events=np.array(summed),
        ),
    )


BELIEF: dict[str, Callable[[], tuple[Row, ...]]] = {
    "normal beliefs": normal_beliefs,
    "rate beliefs": rate_beliefs,
    "best of several means": best_of_several_means,
    "shrunken winners": shrunken_winners,
}
