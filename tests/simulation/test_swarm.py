"""People over HTTP: what they do on the real pages is what the arrays say, and nobody is counted twice."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError
from django.utils import timezone

from experiments.models import Event, Exposure
from experiments.public import RunDesign, get_run_design
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry
from simulation import bulk
from simulation.draws import unit_ids
from simulation.models import SwarmBatch, SwarmRun
from simulation.personas import DEFAULT_MIX
from simulation.swarm import runs, work
from simulation.swarm.runs import Target
from simulation.swarm.visitor import WORDS
from storefront.catalogue import browse, loading

MIX = {"mission": 30, "calculator": 20, "impulsive": 30, "cautious": 10, "window_shopper": 10}


def send(visitors, *, seed=11, mix=MIX, actor=None, target=None):
    return runs.request(visitors=visitors, seed=seed, mix=mix, actor=actor, target=target)


def work_off(run):
    for batch_id in runs.batches_of(run.pk):
        work.run_batch(batch_id)
    run.refresh_from_db()


def counts(units):
    return Counter(Event.objects.filter(unit_id__in=units).values_list("unit_id", "name"))


def expected_of(launched: RunDesign, catalogue, run) -> bulk.Outcome:
    now = timezone.now()
    crowd = bulk.Crowd(run.seed, 0, run.visitors, run.mix, now, now + timedelta(hours=1), catalogue, {})
    return bulk.outcome(crowd, launched, gates=())


def test_every_event_and_amount_over_http_equals_that_of_the_arrays(offered, running):
    launched = get_run_design(running.key)
    run = send(300, target=Target(running.key, 1, running.team_id))
    work_off(run)
    want = expected_of(launched, offered, run)
    kinds = [name for name, _properties in want.events.kinds]
    events = zip(want.events.visitor.tolist(), want.events.kind.tolist(), strict=True)
    assert counts(want.units) == Counter((want.units[visitor], kinds[kind]) for visitor, kind in events)
    amounts = {unit: int(amount) for unit, amount in zip(want.units, want.seen.amount, strict=True) if amount}
    bought = Event.objects.filter(name="purchase").values_list("unit_id", "amount")
    assert {unit: int(amount) for unit, amount in bought} == amounts
    assert len(amounts) >= 10
    variant = {launched.design.variants[index].id for index in want.variant.tolist()}
    assert len(variant) == 2
    shown = {exposure.unit_id: exposure.variant_id for exposure in Exposure.objects.all()}
    assert shown == {
        unit: launched.design.variants[index].id for unit, index in zip(want.units, want.variant, strict=True)
    }
    assert (run.status, run.visits, run.orders, run.errors) == ("finished", 300, len(amounts), 0)


def test_what_is_found_by_searching_can_be_had_at_any_hour(offered):
    for word in WORDS:
        found = browse.search(loading.current(), word, moment=timezone.localtime())
        assert any(match.restaurant.opens == match.restaurant.closes for match in found), word


def test_reading_the_catalogue_leaves_no_trace(offered):
    assert not Event.objects.exists()
    assert len(offered.menus) > 20


def test_a_batch_taken_over_from_a_dead_worker_sends_only_those_who_have_not_come(open_shop):
    run = send(40)
    batch = run.batches.get()
    held = runs.claim(batch.pk)
    shop = work.shop(threads=1)
    units = unit_ids(seed=run.seed, first=0, count=40)
    pending = list(enumerate(units))[:15]
    with work.ThreadPoolExecutor(2) as crew:
        outcomes = [future.result() for future in work._submit(crew, shop, held, pending)]
    shop.close()
    assert all(outcome.reached and not outcome.fault for outcome in outcomes)
    before = counts(units)
    assert runs.claim(batch.pk) is None, "a living worker keeps its batch"
    SwarmBatch.objects.update(heartbeat_at=timezone.now() - runs.SILENCE * 2)
    SwarmRun.objects.update(created_at=timezone.now() - runs.SILENCE * 2)
    assert runs.stalled() == [batch.pk]
    work.run_batch(batch.pk)
    run.refresh_from_db()
    after = counts(units)
    assert {key: after[key] for key in before} == before, "those who had come did not come again"
    assert {unit for unit, _name in after} == set(units)
    assert (run.status, run.visits) == ("finished", 40)
    assert run.orders == Event.objects.filter(name="purchase").count()
    assert work.run_batch(batch.pk) is None, "a finished batch is not worked on again"


def test_a_worker_that_lost_its_batch_stops_reporting(open_shop):
    run = send(5)
    batch = run.batches.get()
    first = runs.claim(batch.pk)
    SwarmBatch.objects.update(heartbeat_at=timezone.now() - runs.SILENCE * 2)
    second = runs.claim(batch.pk)
    assert second is not None
    assert not runs.report(first, visits=3, orders=1, errors=0)
    assert runs.report(second, visits=1, orders=0, errors=0)
    run.refresh_from_db()
    assert run.visits == 1


def test_batches_and_threads_do_not_change_what_people_do(open_shop, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 7)
    run = send(60, seed=3)
    assert run.batches.count() == 9
    for batch_id in reversed(runs.batches_of(run.pk)):
        work.run_batch(batch_id, threads=1)
    units = unit_ids(seed=3, first=0, count=60)
    once = counts(units)
    Event.objects.all().delete()
    monkeypatch.setattr(runs, "BATCH", 200)
    again = send(60, seed=3)
    work_off(again)
    assert counts(units) == once


def test_a_run_called_back_sends_nobody_more(open_shop, analyst):
    run = send(400)
    runs.cancel(run, actor=analyst)
    entry = AuditEntry.objects.get(action="swarm.cancel")
    assert (entry.before["status"], entry.after["status"]) == ("waiting", "cancelled")
    assert entry.after | {"status": "", "visits": 0} == {
        "swarm_run": run.pk,
        "visitors": 400,
        "status": "",
        "visits": 0,
    }
    for batch in run.batches.all():
        assert work.run_batch(batch.pk) is None
    assert not Event.objects.exists()
    with pytest.raises(Conflict):
        runs.cancel(run, actor=analyst)


def test_people_wait_while_nothing_answers_at_the_shops_address(transactional_db, settings):
    settings.SHOP_BASE_URL = "http://127.0.0.1:9"
    run = send(3)
    with pytest.raises(work.ShopClosedError):
        work.run_batch(run.batches.get().pk)
    run.refresh_from_db()
    assert (run.status, run.visits) == ("running", 0)
    assert run.batches.get().status == "waiting"


@pytest.mark.parametrize(
    "bad", [{"visitors": 0}, {"visitors": 1_000_001}, {"seed": -1}, {"mix": {"mission": 99}}, {"mix": {"robot": 100}}]
)
def test_a_request_out_of_bounds_is_refused_and_changes_nothing(db, bad):
    with pytest.raises(Invalid):
        runs.request(**{"visitors": 10, "seed": 1, "mix": DEFAULT_MIX, "actor": None, **bad})
    assert not SwarmRun.objects.exists()


def test_the_same_people_are_not_sent_twice_at_once(db):
    send(5, seed=8)
    with pytest.raises(Conflict):
        send(5, seed=8)


@pytest.mark.django_db
@pytest.mark.parametrize("mix", [{"mission": 99}, {"mission": 60, "cautious": 60}, {}])
def test_the_database_itself_refuses_a_mix_that_is_not_100(mix):
    with pytest.raises(IntegrityError, match="swarm_run_mix_sums_to_100"):
        SwarmRun.objects.create(visitors=1, seed=1, mix=mix)


def test_assignment_is_near_the_weights(offered, running):
    launched = get_run_design(running.key)
    run = SwarmRun(seed=1, visitors=4000, mix=DEFAULT_MIX)
    share = np.mean(expected_of(launched, offered, run).variant == 0)
    assert abs(share - 0.5) < 0.04
