"""Do tests of proportions keep their level where events are rare?"""

from collections.abc import Callable

import numpy as np

from analytics.stats.analysis import analyse
from analytics.stats.calibration.row import Kind, Row, share_row
from analytics.stats.experiment import ExperimentMoments
from analytics.stats.metrics import Direction, Margin, MarginScale, Metric, Proportion, RateTest, Role
from analytics.stats.moments import Moments
from analytics.stats.plan import AnalysisPlan
from analytics.stats.report import Report

_EXPERIMENTS = 10_000
_ARMS = ("control", "treatment")


def rare_events() -> tuple[Row, ...]:
    """Compare one or two events in a hundred, where arms without events are common."""
    rng = np.random.default_rng(501)
    rows: list[Row] = []
    for test in RateTest:
        metric = Metric(name="m", measure=Proportion(test=test))
        for rates, units in (((0.01, 0.01), (300, 300)), ((0.01, 0.03), (300, 300)), ((0.02, 0.02), (1000, 100))):
            report = _report(metric, rng.binomial(units, rates, (_EXPERIMENTS, 2)), units)
            known = report.effects.reason[0, :, 0] == 0
            truth = rates[1] - rates[0]
            inside = (report.effects.lower[0, :, 0] <= truth) & (truth <= report.effects.upper[0, :, 0])
            name = f"{rates[0]:.0%} against {rates[1]:.0%}, n = {units[0]:,} and {units[1]:,}"
            # Unpooled intervals are known to be a little short where events are few.
            nominal = 0.95 if test is RateTest.SCORE else 0.94
            rows.append(
                share_row(
                    method=f"Proportions, {test.value}",
                    scenario=name,
                    quantity="coverage, or no interval",
                    nominal=nominal,
                    events=inside | ~known,
                    kind=Kind.AT_LEAST,
                )
            )
    return tuple(rows)


def rare_guardrail() -> tuple[Row, ...]:
    """Watch crashes, 4 in 1,000: harm at the margin is called safe at most as often as promised."""
    rng = np.random.default_rng(502)
    units = (5_000, 5_000)
    rows = []
    for scale, size in ((MarginScale.ABSOLUTE, 0.003), (MarginScale.RELATIVE, 0.75)):
        metric = Metric(
            name="m",
            measure=Proportion(test=RateTest.SCORE),
            role=Role.GUARDRAIL,
            better=Direction.LOWER,
            margin=Margin(size=size, scale=scale),
        )
        report = _report(metric, rng.binomial(units, (0.004, 0.007), (_EXPERIMENTS, 2)), units)
        rows.append(
            share_row(
                method="Guardrail, score",
                scenario=f"crashes, 0.4% against 0.7%, {scale.value} margin",
                quantity="harm at the margin called safe",
                nominal=0.05,
                events=report.guardrails.safe[0, :, 0],
            )
        )
    return tuple(rows)


def _report(metric: Metric, successes: np.typing.NDArray[np.int64], units: tuple[int, int]) -> Report:
    """Analyse many experiments at once, one per segment."""
    names = tuple(str(i) for i in range(len(successes)))
    moments = Moments.from_counts(count=np.broadcast_to(units, successes.shape), successes=successes)
    data = ExperimentMoments(arms=_ARMS, segments=names, metrics={"m": moments})
    return analyse(AnalysisPlan(control="control", metrics=(metric,)), data)


SMALL_RATES: dict[str, Callable[[], tuple[Row, ...]]] = {
    "rare events": rare_events,
    "rare guardrail": rare_guardrail,
}
