"""One measurement of a statistics engine, in its own process: ``python -m bench.stats_work NAME``.

Prints JSON. Imports no Django, so that a peer's own environment can run it.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

UNITS, ARMS, METRICS = 1_000_000, 3, 10
SEGMENTS, TREATMENTS = 20, 2
ROUNDS = 5

Result = dict[str, float | str]


def _best(action: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Return the median time of some runs, after one that does not count."""
    action()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def _memory(field: str) -> float:
    """Return a line of the process status in MB: VmRSS now, VmHWM at its peak."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return float(line.split()[1]) / 1024
    return float("nan")


def _end_to_end(action: Callable[[], object]) -> Result:
    """Return time and peak memory above the data's, the first run (imports, caches) included."""
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
    start = time.perf_counter()
    action()
    first = time.perf_counter() - start
    peak = _memory("VmHWM") - before
    return {"first": first, "seconds": _best(action), "peak": peak, "data": before}


def units_in_memory(*, covariates: bool) -> dict[str, Any]:
    """Return a million users: an arm and ten metrics each, amounts and conversions."""
    rng = np.random.default_rng(1)
    columns: dict[str, Any] = {"variant": rng.integers(0, ARMS, UNITS, dtype=np.int64)}
    for i in range(METRICS):
        before = rng.normal(size=UNITS)
        value = rng.exponential(10, UNITS) if i % 2 else rng.normal(20, 5, UNITS)
        columns[f"m{i}"] = value + 3 * before + 0.05 * columns["variant"]
        if covariates:
            columns[f"x{i}"] = before
    return columns


def _ours(*, covariates: bool) -> Result:
    from analytics.stats import (  # noqa: PLC0415  # a peer's environment has no such package
        AnalysisPlan,
        Covariate,
        ExperimentMoments,
        Grouping,
        Metric,
        Moments,
        analyse,
    )

    columns = units_in_memory(covariates=covariates)
    names = [f"m{i}" for i in range(METRICS)]
    plan = AnalysisPlan(
        control="0",
        metrics=tuple(Metric(name=name, covariates=(Covariate(column="x"),) if covariates else ()) for name in names),
        weights={"0": 1, "1": 1, "2": 1},
    )

    def report() -> int:
        grouping = Grouping.of(group=columns["variant"], groups=ARMS)
        moments = {}
        for i, name in enumerate(names):
            values = {"value": columns[name]} | ({"x": columns[f"x{i}"]} if covariates else {})
            moments[name] = Moments.from_grouping(grouping=grouping, **values)
        exposed = tuple(int(n) for n in moments["m0"].count)
        data = ExperimentMoments(arms=("0", "1", "2"), metrics=moments, exposed=exposed)
        return sum(row.p_value is not None for row in analyse(plan, data).rows())

    return _end_to_end(report)


def _ours_comparisons() -> Result:
    from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, analyse  # noqa: PLC0415

    rng = np.random.default_rng(2)
    shape = (SEGMENTS, ARMS)

    def moments(shape: tuple[int, ...]) -> Moments:
        count = np.full(shape, 5000.0)
        return Moments.from_centred(
            columns=("value",),
            count=count,
            mean=rng.normal(10, 0.1, (*shape, 1)),
            comoment=rng.uniform(3, 5, (*shape, 1, 1)) * 5000,
        )

    names = [f"m{i}" for i in range(METRICS)]
    segments = tuple(f"s{i}" for i in range(SEGMENTS))
    data = ExperimentMoments(arms=("0", "1", "2"), segments=segments, metrics={name: moments(shape) for name in names})
    plan = AnalysisPlan(control="0", metrics=tuple(Metric(name=name) for name in names))
    single = AnalysisPlan(control="0", metrics=(Metric(name="m0"),))
    one = [ExperimentMoments(arms=("0", "1"), metrics={"m0": moments((2,))}) for _ in range(comparisons())]
    return {
        "batch": _best(lambda: analyse(plan, data), rounds=50),
        "rows": _best(lambda: list(analyse(plan, data).rows()), rounds=20),
        "loop": _best(lambda: [analyse(single, item) for item in one], rounds=3),
    }


def comparisons() -> int:
    """Return how many comparisons the page has."""
    return SEGMENTS * METRICS * TREATMENTS


def _tea_tasting(*, covariates: bool) -> Result:
    import polars as pl  # noqa: PLC0415  # optional
    import tea_tasting as tt  # noqa: PLC0415  # optional

    data = pl.DataFrame(units_in_memory(covariates=covariates))
    experiment = tt.Experiment(
        {f"m{i}": tt.Mean(f"m{i}", covariate=f"x{i}" if covariates else None) for i in range(METRICS)}
    )
    return _end_to_end(lambda: experiment.analyze(data, control=0, all_variants=True))


def _tea_tasting_comparisons() -> Result:
    import tea_tasting as tt  # noqa: PLC0415  # optional
    from tea_tasting.aggr import Aggregates  # noqa: PLC0415  # optional

    rng = np.random.default_rng(2)
    metric = tt.Mean("value")

    def arm() -> Any:
        return Aggregates(count_=5000, mean_={"value": rng.normal(10, 0.1)}, var_={"value": rng.uniform(3, 5)}, cov_={})

    pairs = [{0: arm(), 1: arm()} for _ in range(comparisons())]
    return {"loop": _best(lambda: [metric.analyze(pair, 0, 1) for pair in pairs], rounds=3)}


def _gbstats_comparisons() -> Result:
    from gbstats.frequentist.tests import FrequentistConfig, TwoSidedTTest  # noqa: PLC0415  # optional
    from gbstats.models.statistics import SampleMeanStatistic  # noqa: PLC0415  # optional

    rng = np.random.default_rng(2)

    def arm() -> Any:
        mean, variance = rng.normal(10, 0.1), rng.uniform(3, 5)
        return SampleMeanStatistic(n=5000, sum=5000 * mean, sum_squares=5000 * (mean**2 + variance))

    pairs = [(arm(), arm()) for _ in range(comparisons())]
    config = FrequentistConfig()
    return {"loop": _best(lambda: [TwoSidedTTest(a, b, config).compute_result() for a, b in pairs], rounds=3)}


WORK: dict[str, tuple[str, Callable[[], Result]]] = {
    "ours": ("numpy", lambda: _ours(covariates=False)),
    "ours_cuped": ("numpy", lambda: _ours(covariates=True)),
    "ours_comparisons": ("numpy", _ours_comparisons),
    "tea_tasting": ("tea_tasting", lambda: _tea_tasting(covariates=False)),
    "tea_tasting_cuped": ("tea_tasting", lambda: _tea_tasting(covariates=True)),
    "tea_tasting_comparisons": ("tea_tasting", _tea_tasting_comparisons),
    "gbstats_comparisons": ("gbstats", _gbstats_comparisons),
}
"""Measurements by name: the package each needs, and what it runs."""


def main(name: str) -> None:
    """Print one measurement, or which package is missing."""
    package, work = WORK[name]
    absent = [part for part in (package, *(["polars"] if package == "tea_tasting" else [])) if not _installed(part)]
    print(json.dumps({"absent": absent[0]} if absent else work()))


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


if __name__ == "__main__":
    main(sys.argv[1])
