"""Moments kept by what changes equal those of a computation from all raw events, exactly, for every type of metric."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from analytics.live.reading import read_live_sums, state_of
from analytics.models import LiveRun
from analytics.results.moments import read_sums, read_watermark
from analytics.results.phases import phases_or_one, regions_of
from experiments.allocation import rollout
from experiments.assignment.bucketing import allot
from experiments.designs import drafting
from experiments.metrics import metric_authoring
from experiments.models import Experiment
from experiments.public import ExposureInput, get_run_design, record
from experiments.running import lifecycle
from tests.analytics.live.conftest import read_all
from tests.analytics.results.test_metric_types import METRICS, crowd, whole_now

DAY = timedelta(days=1)


def assert_equals_raw(run) -> None:
    """Compare every number that the analysis reads."""
    regions = regions_of(phases_or_one(run))
    recent = timezone.now() - DAY
    raw = read_sums(run, read_watermark(run), regions, recent=recent)
    state = state_of(run)
    live = read_live_sums(run, state, regions, recent=recent)
    assert live.bucket == raw.bucket
    assert live.buckets == raw.buckets
    assert live.exposed == raw.exposed
    assert (live.multiple, live.recent) == (raw.multiple, raw.recent)
    assert live.caps == raw.caps
    assert live.cells.keys() == raw.cells.keys()
    for place, cell in raw.cells.items():
        assert live.cells[place].units == cell.units, place
        names = cell.totals.keys() | live.cells[place].totals.keys()
        assert {n: live.cells[place][n] for n in names} == {n: cell[n] for n in names}, place
    assert live.values.keys() == raw.values.keys()
    for place, values in raw.values.items():
        assert np.array_equal(np.sort(live.values[place]), np.sort(values)), place


def launch(draft, analyst, team, names, ago):
    metrics = {key: metric_authoring.create(METRICS[key], key=key, team=team, actor=analyst) for key in names}
    drafting.set_guardrails(draft, {metric.pk: 0.1 for metric in metrics.values()}, actor=analyst)
    lifecycle.launch(draft, actor=analyst, now=whole_now() - ago)
    return get_run_design(draft.key)


def parts_of(run, people, *, seed=1, parts=8, several=20):
    """Return events and exposures of the people in random order, cut into parts; some see both variants."""
    rng = np.random.default_rng(seed)
    ids = {variant.key: variant.id for variant in run.design.variants}
    items = []
    for number, person in enumerate(people):
        items += person.events
        exposed = {"run_id": run.run_id, "unit_id": person.unit_id}
        items.append(ExposureInput(variant_id=ids[person.variant], exposed_at=person.exposed_at, **exposed))
        if several and number % several == 0:
            other = next(key for key in ids if key != person.variant)
            late = person.exposed_at + timedelta(hours=int(rng.integers(-20, 20)))
            items.append(ExposureInput(variant_id=ids[other], exposed_at=late, **exposed))
    for part in np.array_split(rng.permutation(len(items)), parts):
        chosen = [items[n] for n in part]
        yield (
            [one for one in chosen if not isinstance(one, ExposureInput)],
            [one for one in chosen if isinstance(one, ExposureInput)],
        )


def follow(reader, run, people, **given):
    for events, exposures in parts_of(run, people, **given):
        record(events=events, exposures=exposures)
        read_all(reader)
        assert_equals_raw(run)


@pytest.mark.parametrize(
    "names",
    [
        ("once", "repeat", "cheap", "pizza", "elsewhere", "items", "capped", "value", "again", "after-search"),
        ("window", "mean-hours", "earlier", "bought-before", "value-earlier"),
        ("top", "returned", "median-hours", "p90-spend", "repeat"),
    ],
    ids=["by deltas", "by deltas, with time", "from totals"],
)
def test_every_type_equals_the_raw_events_after_every_step(reader, draft, analyst, team, names):
    run = launch(draft, analyst, team, names, 16 * DAY)
    follow(reader, run, crowd(run.started_at, each={"control": 60, "discount": 70}))


def test_buckets_grow_with_the_span_of_the_exposures(reader, draft, analyst, team):
    run = launch(draft, analyst, team, ("earlier", "capped"), 16 * DAY)
    people = sorted(crowd(run.started_at, each={"control": 40, "discount": 40}), key=lambda p: p.exposed_at)
    grains = []
    for seconds, chosen in ((40, people[:20]), (5_000, people[20:40]), (80_000, people[40:60]), (700_000, people[60:])):
        for number, person in enumerate(chosen):
            shift = run.started_at + timedelta(seconds=60 + seconds * number // len(chosen)) - person.exposed_at
            person.exposed_at += shift
            for place, one in enumerate(person.events):
                person.events[place] = type(one)(
                    **{f: getattr(one, f) for f in one.__slots__ if f != "occurred_at"},
                    occurred_at=min(one.occurred_at + shift, whole_now()),
                )
        follow(reader, run, chosen, parts=3, several=0)
        grains.append(LiveRun.objects.get().grain)
    assert grains == ["second", "minute", "hour", "day"]


def test_pauses_do_not_count_and_a_later_phase_has_buckets_of_its_own(reader, draft, analyst, team):
    run = launch(draft, analyst, team, ("pizza", "earlier", "top"), 16 * DAY)
    people = crowd(run.started_at, each={"control": 60, "discount": 60})
    follow(reader, run, people[:80], parts=3)
    draft.refresh_from_db()
    lifecycle.pause(draft, actor=analyst, now=run.started_at + 6 * DAY)
    read_all(reader)
    assert_equals_raw(get_run_design(draft.key))
    draft.refresh_from_db()
    lifecycle.resume(draft, actor=analyst, now=run.started_at + 9 * DAY)
    follow(reader, get_run_design(draft.key), people[80:], parts=3)


def test_strata_of_changed_weights(reader, draft, analyst, team):
    Experiment.objects.filter(pk=draft.pk).update(coverage=0.4)
    draft.refresh_from_db()
    run = launch(draft, analyst, team, ("earlier", "p90-spend"), 16 * DAY)
    people = crowd(run.started_at, each={"control": 80, "discount": 80})
    follow(reader, run, people[:60], parts=2)
    draft.refresh_from_db()
    rollout.raise_weights(draft, weights=[0.3, 0.7], coverage=1.0, actor=analyst, now=run.started_at + 8 * DAY)
    run = get_run_design(draft.key)
    assert {allot(seed=run.design.seed, unit=p.unit_id, allotment=run.phases[1].allotment) for p in people} == {0, 1}
    follow(reader, run, people[60:], parts=3)


def test_run_that_ended_has_no_state(reader, draft, analyst, team):
    run = launch(draft, analyst, team, ("pizza",), 16 * DAY)
    follow(reader, run, crowd(run.started_at, each={"control": 10, "discount": 10}), parts=1)
    draft.refresh_from_db()
    lifecycle.stop(draft, actor=analyst)
    read_all(reader)
    assert state_of(run) is None
