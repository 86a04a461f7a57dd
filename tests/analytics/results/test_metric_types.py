"""Every type of metric agrees with a computation from the raw events by other means: loops and numpy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from analytics.results import compute
from experiments.designs import drafting
from experiments.metrics import metric_authoring
from experiments.metrics.metric_authoring import MetricInput
from experiments.models import Experiment, Metric
from experiments.public import EventInput, ExposureInput, get_run_design, new_event_id, record
from experiments.running import lifecycle

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LAUNCHED = 16 * DAY  # ago

CHEAP = {"property": "amount", "operator": "<", "value": 15000}
PIZZA = {"property": "restaurant", "operator": "in", "value": ["pizza", "pasta"]}
NOT_HOME = {"property": "page", "operator": "≠", "value": "home"}


def given(numerator, kind="mean", **changes):
    event, aggregation = numerator
    return MetricInput(
        **{
            "name": "A metric",
            "description": "",
            "type": kind,
            "numerator_event": event,
            "numerator_aggregation": aggregation,
            "direction": "increase",
            "unit": "percent" if kind in {"proportion", "retention", "funnel"} else "number",
            **changes,
        }
    )


def over(event, aggregation, **changes):
    return {"denominator_event": event, "denominator_aggregation": aggregation, **changes}


METRICS = {
    "once": given(("page_view", "once"), "proportion"),
    "repeat": given(("purchase", "repeat"), "proportion"),
    "cheap": given(("purchase", "exists"), "proportion", numerator_filters=[CHEAP]),
    "pizza": given(("purchase", "count"), numerator_filters=[PIZZA, CHEAP]),
    "elsewhere": given(("page_view", "count"), numerator_filters=[NOT_HOME]),
    "window": given(("purchase", "sum"), window_hours=36),
    "items": given(("purchase", "sum"), numerator_property="items"),
    "capped": given(("purchase", "sum"), cap_value=30000),
    "top": given(("purchase", "sum"), cap_percentile=0.9),
    "earlier": given(("purchase", "sum"), lookback_days=7),
    "bought-before": given(("purchase", "exists"), "proportion", lookback_days=7),
    "value": given(("purchase", "sum"), "ratio", **over("purchase", "count", denominator_filters=[CHEAP])),
    "value-earlier": given(("purchase", "sum"), "ratio", **over("purchase", "count"), lookback_days=7),
    "returned": given(("page_view", "exists"), "retention", from_day=2, to_day=4),
    "again": given(("purchase", "repeat"), "funnel", **over("purchase", "exists")),
    "after-search": given(("purchase", "exists"), "funnel", **over("search", "exists")),
    "median-hours": given(("purchase", "hours"), "quantile", quantile=0.5),
    "p90-spend": given(("purchase", "sum"), "quantile", quantile=0.9),
    "mean-hours": given(("purchase", "hours"), "ratio", **over("purchase", "exists")),
}  # fmt: skip


@dataclass
class Person:
    unit_id: str
    variant: str
    exposed_at: datetime
    events: list[EventInput] = field(default_factory=list)


def whole_now():
    """The intake keeps milliseconds, so that whole seconds come back as they were."""
    return timezone.now().replace(microsecond=0)


def crowd(started_at, *, each, seed=5):
    """Return people who do things at random from eight days before their first exposure to nine days after it."""
    rng = np.random.default_rng(seed)
    people = []
    for variant in ("control", "discount"):
        for number in range(each[variant]):
            exposed_at = started_at + timedelta(seconds=int(rng.integers(60, 13 * 86400)))
            person = Person(f"{variant}-{number}", variant, exposed_at)
            habit = rng.gamma(2, 1.2)
            for _ in range(rng.poisson(1.5 * habit)):
                person.events.append(one(rng, person))
            people.append(person)
    return people


def one(rng, person):
    name = str(rng.choice(["page_view", "purchase", "search"], p=[0.5, 0.35, 0.15]))
    at = min(person.exposed_at + timedelta(seconds=int(rng.integers(-8 * 86400, 9 * 86400))), whole_now())
    properties = {
        "page_view": {"page": str(rng.choice(["home", "cart"]))},
        "purchase": {
            "order": str(rng.integers(1 << 40)),
            "restaurant": str(rng.choice(["pizza", "pasta", "sushi"])),
            "items": int(rng.integers(1, 6)),
        },
        "search": {"query": "x", "results": 3},
    }[name]
    amount = Decimal(int(rng.gamma(3, 6000)) + 1000) if name == "purchase" else None
    return EventInput(
        event_id=new_event_id(at),
        name=name,
        unit_id=person.unit_id,
        occurred_at=at,
        amount=amount,
        properties=properties,
    )


@pytest.fixture
def everything(draft, analyst, team):
    """An experiment with a metric of every kind, its people, and its run."""
    metrics = {key: metric_authoring.create(item, key=key, team=team, actor=analyst) for key, item in METRICS.items()}
    drafting.set_guardrails(draft, {metric.pk: 0.1 for metric in metrics.values()}, actor=analyst)
    lifecycle.launch(draft, actor=analyst, now=whole_now() - LAUNCHED)
    run = get_run_design(draft.key)
    people = crowd(run.started_at, each={"control": 160, "discount": 170})
    ids = {variant.key: variant.id for variant in run.design.variants}
    exposures = [
        ExposureInput(run_id=run.run_id, variant_id=ids[p.variant], unit_id=p.unit_id, exposed_at=p.exposed_at)
        for p in people
    ]
    record(events=[event for person in people for event in person.events], exposures=exposures)
    return run, people


def chosen(person, name, *, opens=timedelta(), closes=None, holds=lambda event: True):
    """Return a person's events of a name in a window around the exposure."""
    start = person.exposed_at + opens
    end = None if closes is None else person.exposed_at + closes
    return [
        event
        for event in person.events
        if event.name == name
        and event.occurred_at >= start
        and (end is None or event.occurred_at < end)
        and holds(event)
    ]


def arrays(people, value):
    return {v: np.array([float(value(p)) for p in people if p.variant == v]) for v in ("control", "discount")}


def spent(person, **window):
    return sum((event.amount for event in chosen(person, "purchase", **window)), Decimal(0))


BEFORE = {"opens": -7 * DAY, "closes": timedelta()}


def is_cheap(event):
    return event.amount < 15000


def of(report, key):
    return next(metric for metric in report.metrics if metric.definition.key == key)


def assert_means(metric, values, *, ddof=1):
    """The arms' means, and Welch's standard error of their difference."""
    row = metric.comparisons[0]
    for arm in metric.arms:
        assert arm.units == len(values[arm.variant]), metric.definition.key
        assert arm.value == pytest.approx(values[arm.variant].mean(), rel=1e-12), metric.definition.key
    variance = sum(v.var(ddof=ddof) / len(v) for v in values.values())
    assert row.difference == pytest.approx(values["discount"].mean() - values["control"].mean(), rel=1e-9, abs=1e-12)
    assert row.standard_error == pytest.approx(variance**0.5, rel=1e-9), metric.definition.key


def assert_ratios(metric, tops, belows):
    """The arms' ratios, and the delta method's standard error of their difference."""
    variance = 0.0
    for arm in metric.arms:
        m, d = tops[arm.variant], belows[arm.variant]
        ratio = m.sum() / d.sum()
        assert arm.value == pytest.approx(ratio, rel=1e-12), metric.definition.key
        variance += (m - ratio * d).var(ddof=1) / len(m) / d.mean() ** 2
    assert metric.comparisons[0].standard_error == pytest.approx(variance**0.5, rel=1e-9), metric.definition.key


def test_every_type_agrees_with_the_raw_events(everything):
    run, people = everything
    report = compute(run)

    assert_means(of(report, "once"), arrays(people, lambda p: len(chosen(p, "page_view")) == 1), ddof=0)
    assert_means(of(report, "repeat"), arrays(people, lambda p: len(chosen(p, "purchase")) >= 2), ddof=0)
    assert_means(of(report, "cheap"), arrays(people, lambda p: bool(chosen(p, "purchase", holds=is_cheap))), ddof=0)
    assert_means(
        of(report, "pizza"),
        arrays(
            people,
            lambda p: len(
                chosen(p, "purchase", holds=lambda e: is_cheap(e) and e.properties["restaurant"] in {"pizza", "pasta"})
            ),
        ),
    )
    assert_means(
        of(report, "elsewhere"),
        arrays(people, lambda p: len(chosen(p, "page_view", holds=lambda e: e.properties["page"] != "home"))),
    )
    assert_means(of(report, "window"), arrays(people, lambda p: spent(p, closes=timedelta(hours=36))))
    assert_means(
        of(report, "items"), arrays(people, lambda p: sum(e.properties["items"] for e in chosen(p, "purchase")))
    )
    assert_means(of(report, "capped"), arrays(people, lambda p: min(spent(p), 30000)))


def test_percentile_cap_is_that_of_the_pooled_units_above_zero(everything):
    run, people = everything
    metric = of(compute(run), "top")
    values = arrays(people, spent)
    pooled = np.concatenate(list(values.values()))
    cap = np.quantile(pooled[pooled > 0], 0.9, method="inverted_cdf")
    assert metric.cap == cap
    assert_means(metric, {variant: np.minimum(found, cap) for variant, found in values.items()})


def test_ratios_and_funnel_steps_agree_with_the_delta_method(everything):
    run, people = everything
    report = compute(run)
    assert_ratios(
        of(report, "value"),
        arrays(people, spent),
        arrays(people, lambda p: len(chosen(p, "purchase", holds=is_cheap))),
    )
    bought = arrays(people, lambda p: bool(chosen(p, "purchase")))
    assert_ratios(of(report, "again"), arrays(people, lambda p: len(chosen(p, "purchase")) > 1), bought)
    searched = arrays(people, lambda p: bool(chosen(p, "search")))
    both = {variant: searched[variant] * bought[variant] for variant in bought}
    assert_ratios(of(report, "after-search"), both, searched)
    hours = arrays(people, first_hours)
    assert_ratios(of(report, "mean-hours"), hours, bought)


def first_hours(person):
    times = [event.occurred_at for event in chosen(person, "purchase")]
    return (min(times) - person.exposed_at).total_seconds() / 3600 if times else 0.0


def test_retention_counts_only_units_whose_days_are_over(everything):
    run, people = everything
    report = compute(run)
    due = [p for p in people if p.exposed_at + 5 * DAY <= report.computed_at]
    assert 0 < len(due) < len(people)
    values = arrays(due, lambda p: bool(chosen(p, "page_view", opens=2 * DAY, closes=5 * DAY)))
    assert_means(of(report, "returned"), values, ddof=0)


def test_quantiles_are_the_order_statistics_of_the_units(everything):
    run, people = everything
    report = compute(run)
    buyers = [p for p in people if chosen(p, "purchase")]
    for key, among, value, share in (
        ("median-hours", buyers, first_hours, 0.5),
        ("p90-spend", people, spent, 0.9),
    ):
        values, metric = arrays(among, value), of(report, key)
        assert [arm.units for arm in metric.arms] == [len(values["control"]), len(values["discount"])]
        expected = {v: np.quantile(found, share, method="inverted_cdf") for v, found in values.items()}
        assert [arm.value for arm in metric.arms] == pytest.approx(
            [expected["control"], expected["discount"]], rel=1e-9
        )
        row = metric.comparisons[0]
        assert row.difference == pytest.approx(expected["discount"] - expected["control"], rel=1e-9)
        assert row.low < row.difference < row.high


def test_cuped_takes_out_what_the_days_before_explain_and_the_trace_keeps_the_rest(everything):
    run, people = everything
    report = compute(run)
    for key, value, ddof in (
        ("earlier", spent, 1),
        ("bought-before", lambda p, **w: bool(chosen(p, "purchase", **w)), 0),
    ):
        now, before = arrays(people, value), arrays(people, lambda p, value=value: value(p, **BEFORE))
        metric = of(report, key)
        row = metric.comparisons[0]
        pooled = np.cov(np.concatenate(list(before.values())), np.concatenate(list(now.values())))
        theta = pooled[0, 1] / pooled[0, 0]
        rest = {variant: now[variant] - theta * before[variant] for variant in now}
        assert row.difference == pytest.approx(rest["discount"].mean() - rest["control"].mean(), rel=1e-9)
        variance = sum(r.var(ddof=ddof) / len(r) for r in rest.values())
        assert row.standard_error == pytest.approx(variance**0.5, rel=1e-9)
        plain = sum(n.var(ddof=ddof) / len(n) for n in now.values())
        assert row.variance_reduction == pytest.approx(1 - variance / plain, rel=1e-9)
        assert 0.02 < row.variance_reduction < 1
        trace = {line.name: line for line in row.trace}
        assert trace["theta"].low == pytest.approx(theta, rel=1e-9)
        assert trace["plain_difference"].low == pytest.approx(now["discount"].mean() - now["control"].mean(), rel=1e-9)
        assert trace["plain_interval"].high - trace["plain_interval"].low > row.high - row.low


def test_cuped_of_a_ratio_regresses_it_on_both_sides_of_the_days_before(everything):
    run, people = everything
    top, below = arrays(people, spent), arrays(people, lambda p: len(chosen(p, "purchase")))
    u = arrays(people, lambda p: spent(p, **BEFORE))
    v = arrays(people, lambda p: len(chosen(p, "purchase", **BEFORE)))
    whole = {name: np.concatenate(list(side.values())) for name, side in (("m", top), ("d", below), ("u", u), ("v", v))}
    ratio = whole["m"].mean() / whole["d"].mean()
    linear = (whole["m"] - ratio * whole["d"]) / whole["d"].mean()
    design = np.column_stack([np.ones(len(linear)), whole["u"], whole["v"]])
    theta = np.linalg.lstsq(design, linear, rcond=None)[0][1:]
    difference = top["discount"].sum() / below["discount"].sum() - top["control"].sum() / below["control"].sum()
    shift = theta @ [side["discount"].mean() - side["control"].mean() for side in (u, v)]
    row = of(compute(run), "value-earlier").comparisons[0]
    assert row.difference == pytest.approx(difference - shift, rel=1e-6)


def test_version_and_definition_of_each_metric_stand_in_the_report(everything):
    run, _ = everything
    metric = of(compute(run), "pizza").definition
    assert metric.version == 1
    assert [item.property for item in metric.numerator_filters] == ["restaurant", "amount"]


def test_quantile_decides_with_a_line_over_time(draft, analyst, catalogue):
    Experiment.objects.filter(pk=draft.pk).update(oec=Metric.objects.get(key="time-to-order"))
    draft.refresh_from_db()
    lifecycle.launch(draft, actor=analyst, now=whole_now() - LAUNCHED)
    run = get_run_design(draft.key)
    people = crowd(run.started_at, each={"control": 120, "discount": 120})
    ids = {variant.key: variant.id for variant in run.design.variants}
    record(
        events=[event for person in people for event in person.events],
        exposures=[
            ExposureInput(run_id=run.run_id, variant_id=ids[p.variant], unit_id=p.unit_id, exposed_at=p.exposed_at)
            for p in people
        ],
    )
    report = compute(run)
    last, headline = report.series[-1], report.oec.comparisons[0]
    assert (last.difference, last.low, last.high) == pytest.approx((headline.difference, headline.low, headline.high))
    assert report.progress.reached == 240
