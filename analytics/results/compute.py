"""Compute a run's report, once for every state of its data."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from analytics.results.arrange import cumulative_moments, experiment_moments, totals
from analytics.results.moments import RunSums, Sums, Watermark
from analytics.results.numbers import LIVE, ReadSums, numbers_of
from analytics.results.phases import (
    Strata,
    expected_units,
    phases_or_one,
    regions_of,
    strata_of,
    units_by_phase,
    units_by_region,
)
from analytics.results.plan import plan_of, series_plan, unadjusted
from analytics.results.report import (
    Allocation,
    ArmValue,
    ComparisonResult,
    GuardrailResult,
    MetricResult,
    MultipleExposures,
    PhaseResult,
    Progress,
    ResultReport,
    SampleRatio,
    SeriesPoint,
    TraceLine,
)
from analytics.stats import Comparison, GuardrailVerdict, Interval, Report, analyse, explain
from experiments.public import Design, MetricDefinition, PhaseDesign, RunDesign

RATE_WINDOW = timedelta(days=1)
# Units came for a second at least before a rate means anything.
SHORTEST_WINDOW = timedelta(seconds=10)
KEPT_RUNNING = 60  # seconds; the rate of arrival ages although no data come
KEPT_STOPPED = 24 * 60 * 60


def compute(run: RunDesign, *, max_age: int = 0) -> ResultReport | None:
    """Return the report of a run, or None while no unit was exposed.

    A report is kept for as long as the data stay the same, so that a polled page costs one look at the watermark. Of a
    run that is followed (``analytics.live``) it comes from the moments that are kept, and costs what is new.

    Args:
        run: A launched run.
        max_age: Seconds for which a kept report may be handed out without that look; 0 always looks.
    """
    latest_key = f"results:{run.run_id}:{run.status}:latest"
    if max_age > 0:
        latest: ResultReport | None = cache.get(latest_key)
        if latest:
            return latest
    report = _current(run)
    if report and max_age > 0:
        cache.set(latest_key, report, max_age)
    return report


def _current(run: RunDesign) -> ResultReport | None:
    """Return the report of the data as they are."""
    with numbers_of(run) as (watermark, read):
        return _kept_or_computed(run, watermark, read)


def _kept_or_computed(run: RunDesign, watermark: Watermark, read: ReadSums) -> ResultReport | None:
    if watermark.first_at is None:
        return None
    kept_key = f"results:{run.run_id}:{watermark.fingerprint}".replace(" ", "")
    report: ResultReport | None = cache.get(kept_key)
    if report is None:
        report = _compute(run, watermark, read)
        timeout = KEPT_RUNNING if run.status in LIVE else KEPT_STOPPED
        cache.set(kept_key, report, timeout)
    return report


def _compute(run: RunDesign, watermark: Watermark, read: ReadSums) -> ResultReport:
    began = time.perf_counter()
    now = timezone.now()
    design = run.design
    window = min(RATE_WINDOW, max(now - run.started_at, SHORTEST_WINDOW))
    phases = phases_or_one(run)
    regions = regions_of(phases)
    sums = read(regions, recent=now - window)
    arms = [variant.key for variant in design.variants]
    by_region = units_by_region(regions, sums.exposed, arms)
    strata = strata_of(by_region)
    expected = dict(zip(arms, expected_units(regions, by_region), strict=True))
    by_metric = totals(sums, design, strata)
    units = sum(sums.exposed.values())
    plan = plan_of(design, units=units, weights=expected, post_stratify=bool(strata.names))
    moments = experiment_moments(sums, design, strata)
    report = analyse(plan, moments)
    plain = analyse(unadjusted(plan), moments) if any(metric.covariates for metric in plan.metrics) else None
    return ResultReport(
        experiment=design.key,
        name=design.name,
        run_id=run.run_id,
        run_number=design.run_number,
        status=run.status,
        started_at=run.started_at,
        stopped_at=run.stopped_at,
        alpha=design.alpha,
        control=design.variants[0].key,
        units=units,
        corrected_for=len(report.treatments),
        allocation=_allocation(report, design, expected),
        sample_ratio=_sample_ratio(report),
        multiple=_multiple(report),
        progress=_progress(run, reached=units, recent=sums.recent, window=window),
        metrics=tuple(
            _metric(report, plain, design, metric, by_metric[metric.key], sums.caps.get(metric.key))
            for metric in design.metrics()
        ),
        bucket=sums.bucket,
        series=_series(sums, design, strata),
        fingerprint=watermark.fingerprint,
        computed_at=now,
        milliseconds=round((time.perf_counter() - began) * 1000, 1),
        phases=_phases(phases, units_by_phase(phases, sums.exposed, arms)),
        strata=len(strata.names),
        left_out=strata.left_out,
    )


def _phases(phases: Sequence[PhaseDesign], units: Sequence[Sequence[int]]) -> tuple[PhaseResult, ...]:
    return tuple(
        PhaseResult(
            number=phase.number,
            kind=phase.kind,
            paused=phase.paused,
            started_at=phase.started_at,
            coverage=phase.coverage,
            weights=tuple(phase.weights),
            units=tuple(row),
        )
        for phase, row in zip(phases, units, strict=True)
    )


def _allocation(report: Report, design: Design, expected: dict[str, float]) -> tuple[Allocation, ...]:
    test = report.sample_ratio
    whole = sum(expected.values())
    return tuple(
        Allocation(
            variant=variant.key,
            name=variant.name,
            weight=expected[variant.key] / whole,
            units=test.observed[index],
            expected=test.expected[index] if test.expected else None,
        )
        for index, variant in enumerate(design.variants)
    )


def _sample_ratio(report: Report) -> SampleRatio:
    test = report.sample_ratio
    return SampleRatio(
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        mismatch=test.mismatch,
        level=report.plan.sample_ratio_alpha,
        reason=test.reason,
    )


def _multiple(report: Report) -> MultipleExposures:
    found = report.multiple_exposures
    return MultipleExposures(
        units=found.multiple if found else 0,
        share=found.share if found else None,
        excessive=found.excessive if found else None,
    )


def _progress(run: RunDesign, *, reached: int, recent: int, window: timedelta) -> Progress:
    rate = recent / (window / timedelta(days=1)) if run.status == "running" else None
    left = max(run.design.planned_units - reached, 0)
    return Progress(
        planned=run.design.planned_units,
        reached=reached,
        daily_rate=rate,
        days_left=left / rate if rate else None,
    )


def _metric(
    report: Report,
    plain: Report | None,
    design: Design,
    metric: MetricDefinition,
    sums: dict[str, Sums],
    cap: float | None,
) -> MetricResult:
    margins = {guardrail.metric.key: guardrail.margin for guardrail in design.guardrails}
    names = {variant.key: variant.name for variant in design.variants}
    without = plain if metric.lookback_days else None
    return MetricResult(
        definition=metric,
        role="guardrail" if metric.key in margins else "oec",
        margin=margins.get(metric.key),
        arms=tuple(_arm(report, metric, variant.key, variant.name, sums[variant.key]) for variant in design.variants),
        comparisons=tuple(_comparison(report, without, metric, treatment, names) for treatment in report.treatments),
        cap=cap,
    )


def _arm(report: Report, metric: MetricDefinition, variant: str, name: str, sums: Sums) -> ArmValue:
    arm = report.arm(metric=metric.key, arm=variant)
    return ArmValue(
        variant=variant,
        name=name,
        units=arm.units,
        value=arm.value,
        standard_error=arm.standard_error,
        numerator=float(sums["x"]),
        denominator=float(sums["y"]) if metric.type in {"ratio", "funnel"} else None,
        reason=arm.reason,
    )


def _comparison(
    report: Report, without: Report | None, metric: MetricDefinition, treatment: str, names: dict[str, str]
) -> ComparisonResult:
    row = report.row(metric=metric.key, treatment=treatment)
    trace = explain(report=report, metric=metric.key, treatment=treatment)
    low, high = _ends(row.adjusted_interval)
    lift_low, lift_high = _ends(row.adjusted_lift_interval)
    return ComparisonResult(
        variant=treatment,
        name=names[treatment],
        difference=row.difference,
        low=low,
        high=high,
        lift=row.lift,
        lift_low=lift_low,
        lift_high=lift_high,
        p_value=row.adjusted_p_value,
        unadjusted_p_value=row.p_value,
        standard_error=row.standard_error,
        df=row.df,
        significant=row.significant,
        improved=_improved(row, metric),
        guardrail=_guardrail(row.guardrail) if row.guardrail else None,
        reason=row.reason,
        lift_reason=row.lift_reason,
        method=trace.method,
        trace=(
            *(_without_cuped(without.row(metric=metric.key, treatment=treatment)) if without else ()),
            *(
                TraceLine(name=step.name, formula=step.formula, reference=step.reference, **_values(step.value))
                for step in trace.steps
            ),
        ),
        variance_reduction=row.variance_reduction,
    )


def _without_cuped(row: Comparison) -> tuple[TraceLine, ...]:
    """Return what the comparison would be as observed, to stand beside the adjusted one."""
    low, high = _ends(row.adjusted_interval)
    formula = "treatment value - control value, as observed"
    return (
        TraceLine(name="plain_difference", formula=formula, low=row.difference, high=None, reference=""),
        TraceLine(name="plain_interval", formula="the same analysis without CUPED", low=low, high=high, reference=""),
        TraceLine(name="plain_p_value", formula="", low=row.adjusted_p_value, high=None, reference=""),
    )


def _improved(row: Comparison, metric: MetricDefinition) -> bool | None:
    if row.difference is None or not row.significant:
        return None if row.difference is None else False
    return (row.difference > 0) == (metric.direction == "increase")


def _guardrail(verdict: GuardrailVerdict) -> GuardrailResult:
    return GuardrailResult(
        verdict=verdict.verdict,
        margin=verdict.margin,
        worsening=verdict.worsening,
        worst_case=verdict.worst_case,
        p_value=verdict.p_value,
        power=verdict.power,
        reason=verdict.reason,
    )


def _series(sums: RunSums, design: Design, strata: Strata) -> tuple[SeriesPoint, ...]:
    points = []
    units = sum(sums.exposed.values())
    for moments in cumulative_moments(sums, design, strata):
        report = analyse(series_plan(design, units=units, post_stratify=bool(moments.strata)), moments)
        for segment in moments.segments:
            for treatment in report.treatments:
                row = report.row(metric=design.oec.key, treatment=treatment, segment=segment)
                low, high = _ends(row.interval)
                points.append(
                    SeriesPoint(
                        at=datetime.fromisoformat(segment),
                        variant=treatment,
                        units=row.control.units + row.treatment.units,
                        difference=row.difference,
                        low=low,
                        high=high,
                    )
                )
    return tuple(points)


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (interval.lower, interval.upper) if interval else (None, None)


def _values(value: float | tuple[float, ...] | None) -> dict[str, float | None]:
    if isinstance(value, tuple):
        return {"low": value[0], "high": value[-1] if len(value) > 1 else None}
    return {"low": value, "high": None}
