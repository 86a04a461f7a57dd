"""A whole run at once: the stored rows are the people designed, and their metrics those of the truth."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from experiments.allocation import holdout, layers, rollout, traffic
from experiments.assignment.bucketing import assign, bucket
from experiments.designs.design import RampStep
from experiments.events.validation import Validator, time_bounds
from experiments.models import Event, Experiment, Exposure, Holdout
from experiments.public import get_run_design
from experiments.running import lifecycle
from simulation import bulk, truth
from simulation.draws import unit_ids
from simulation.personas import DEFAULT_MIX
from tests.simulation.catalogues import CATALOGUE

START = datetime(2025, 3, 1, tzinfo=UTC)
END = START + timedelta(days=7)
VISITORS = 30_000


@pytest.fixture
def stored(running):
    run = get_run_design(running.key)
    result = bulk.run(
        run=run, visitors=VISITORS, seed=4, mix=DEFAULT_MIX, start=START, end=END, catalogue=CATALOGUE
    )  # fmt: skip
    return run, run.design, result


def test_every_visitor_designed_is_stored_once_in_the_variant_that_the_shop_would_show(stored):
    run, design, result = stored
    assert (result.visitors, result.exposures, result.events) == (
        VISITORS, Exposure.objects.filter(run=run.run_id).count(), Event.objects.count()
    )  # fmt: skip
    units = set(unit_ids(seed=4, first=0, count=VISITORS))
    assert set(Exposure.objects.values_list("unit_id", flat=True)) == units
    assert set(Event.objects.values_list("unit_id", flat=True)) == units
    for exposure in Exposure.objects.order_by("unit_id")[:200]:
        index = assign(
            seed=design.seed, unit=exposure.unit_id, weights=[item.weight for item in design.variants],
            coverage=design.coverage,
        )  # fmt: skip
        assert design.variants[index].id == exposure.variant_id


def test_stored_metrics_agree_with_the_truth_for_each_variant(stored):
    run, design, _result = stored
    with connection.cursor() as cursor:
        cursor.execute(
            """select variant_id, count(*), avg(clicked), avg(bought), avg(pages), var_samp(pages),
                   avg(revenue), var_samp(revenue)
               from (
                   select exposure.variant_id, exposure.unit_id,
                       coalesce(max((name = 'click')::int), 0) as clicked,
                       coalesce(max((name = 'purchase')::int), 0) as bought,
                       count(*) filter (where name = 'page_view') as pages,
                       coalesce(sum(amount) filter (where name = 'purchase'), 0) as revenue
                   from experiment.experiments_exposure as exposure
                   left join experiment.experiments_event as event
                       on event.unit_id = exposure.unit_id and event.occurred_at >= exposure.exposed_at
                   where run_id = %s
                   group by 1, 2) as unit
               group by 1""",
            [run.run_id],
        )
        rows = {row[0]: [float(value) for value in row[1:]] for row in cursor.fetchall()}
    for variant in design.variants:
        n, ctr, cvr, pages, pages_var, revenue, revenue_var = rows[variant.id]
        for metric, got, variance in (
            ("ctr", ctr, ctr * (1 - ctr)), ("cvr", cvr, cvr * (1 - cvr)), ("session-depth", pages, pages_var),
            ("arpu", revenue, revenue_var),
        ):  # fmt: skip
            want = truth.expected(
                metric=metric, feature=design.feature, shown={design.feature: variant.value}, mix=DEFAULT_MIX,
                catalogue=CATALOGUE,
            )  # fmt: skip
            assert abs(got - want) < 4.5 * math.sqrt(variance / n), (variant.key, metric, got, want)


def test_events_lie_within_the_window_and_pass_the_door_of_the_intake(stored):
    moments = Event.objects.order_by("occurred_at").values_list("occurred_at", flat=True)
    assert moments[0] >= START
    assert moments[len(moments) - 1] < END + timedelta(minutes=15)
    for name in ("page_view", "impression", "click", "search", "add_to_cart", "checkout", "purchase", "refund"):
        event = Event.objects.filter(name=name).first()
        earliest, latest = time_bounds(END + timedelta(hours=1))
        amount = {} if event.amount is None else {"amount": str(event.amount)}
        Validator().parse(
            {
                "event_id": str(event.event_id), "name": event.name, "unit_id": event.unit_id,
                "occurred_at": event.occurred_at.isoformat(), "properties": event.properties, **amount,
            },
            earliest=earliest, latest=latest,
        )  # fmt: skip
        assert event.event_id.version == 7
        assert event.amount is None or event.amount > Decimal(0)


def test_the_same_seed_gives_the_same_rows(stored, django_assert_max_num_queries):
    run, _design, _result = stored
    crowd = bulk.Crowd(4, 100, 50, DEFAULT_MIX, START, END, CATALOGUE, {})
    again = bulk.outcome(crowd, run, gates=())
    whole = bulk.outcome(bulk.Crowd(4, 0, 1000, DEFAULT_MIX, START, END, CATALOGUE, {}), run, gates=())
    assert again.units == whole.units[100:150]
    assert again.times.home.tolist() == whole.times.home[100:150].tolist()
    assert again.seen.amount.tolist() == whole.seen.amount[100:150].tolist()


def test_layer_holdout_ramp_and_pause_hold_for_people_of_the_past_too(draft, team, analyst, admin):
    """A tenth on the first day, all of the slot on the second, nobody in the pause of the third."""
    layer = layers.create(key="home", name="Home", team=team, description="", actor=analyst)
    ramp = (RampStep(coverage=0.1, hours=24),)
    wanted = traffic.TrafficInput(coverage=1.0, layer=layer, layer_share=0.5, ramp=ramp)
    traffic.set_traffic(draft, wanted, actor=analyst)
    holdout.set_share(0.2, actor=admin)
    draft = Experiment.objects.get(pk=draft.pk)
    day = timedelta(days=1)
    lifecycle.launch(draft, actor=analyst, now=START)
    draft.refresh_from_db()
    rollout.ramp_up(draft, coverage=1.0, actor=analyst, now=START + day)
    lifecycle.pause(draft, actor=analyst, now=START + 2 * day)
    run = get_run_design(draft.key)
    bulk.run(run=run, visitors=6000, seed=4, mix=DEFAULT_MIX, start=START, end=START + 3 * day, catalogue=CATALOGUE)
    held = Holdout.objects.get()
    exposures = list(Exposure.objects.all())
    assert exposures
    for exposure in exposures:
        assert bucket(seed=layer.seed, unit=exposure.unit_id) < 0.5
        assert bucket(seed=held.seed, unit=exposure.unit_id) >= 0.2
        assert exposure.exposed_at < START + 2 * day
        coverage = 0.1 if exposure.exposed_at < START + day else 1.0
        index = assign(seed=run.design.seed, unit=exposure.unit_id, weights=[0.5, 0.5], coverage=coverage)
        assert run.design.variants[index].id == exposure.variant_id
    first = sum(exposure.exposed_at < START + day for exposure in exposures)
    assert 0 < first < len(exposures) / 4
