"""Experiments of one layer share its units and never one of them; the holdout moves one way."""

import pytest
from django.db import IntegrityError, connection, transaction

from experiments.allocation import holdout as holdouts
from experiments.allocation import layers, traffic
from experiments.allocation.traffic import TrafficInput
from experiments.assignment.bucketing import bucket
from experiments.designs import authoring, drafting
from experiments.models import Experiment, Holdout
from experiments.running import lifecycle
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry
from tests.experiments.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def layer(team, analyst):
    return layers.create(key="home", name="Home", team=team, description="The home page", actor=analyst)


@pytest.fixture
def twin(draft, team, analyst):
    """A second draft on the same feature."""
    return authoring.clone(draft, team=team, owner=analyst)


def take(experiment, layer, share, analyst, start=None):
    wanted = TrafficInput(coverage=1.0, layer=layer, layer_share=share, layer_start=start)
    shared = traffic.set_traffic(experiment, wanted, actor=analyst)
    experiment.refresh_from_db()
    return shared


def test_first_free_slot_is_proposed_beside_what_others_hold(draft, twin, layer, analyst):
    take(draft, layer, 0.3, analyst)
    take(twin, layer, 0.5, analyst)
    assert (draft.layer_start, draft.layer_end) == (0, 3000)
    assert (twin.layer_start, twin.layer_end) == (3000, 8000)


def test_two_experiments_on_one_feature_run_at_once_in_slots_of_one_layer(draft, twin, layer, analyst):
    take(draft, layer, 0.5, analyst)
    take(twin, layer, 0.5, analyst)
    for experiment in (draft, twin):
        lifecycle.launch(experiment, actor=analyst)
    found = layers.occupancy(layer)
    assert [slot.experiment.key for slot in found.live] == [draft.key, twin.key]
    assert found.free_share == 0


def test_experiment_outside_the_layer_is_refused_on_the_same_feature(draft, twin, layer, analyst):
    take(draft, layer, 0.5, analyst)
    lifecycle.launch(draft, actor=analyst)
    with pytest.raises(Conflict, match="slots of the same layer"):
        lifecycle.launch(twin, actor=analyst)


def test_slot_that_a_live_experiment_holds_is_refused_with_its_name(draft, twin, layer, analyst):
    take(draft, layer, 0.5, analyst)
    lifecycle.launch(draft, actor=analyst)
    with pytest.raises(Invalid) as caught:
        take(twin, layer, 0.2, analyst, start=4000)
    assert "Hero discount is live" in caught.value.fields["layer_start"][0]
    with pytest.raises(Invalid) as caught:
        take(twin, layer, 0.6, analyst)
    assert "50.00%" in caught.value.fields["layer_share"][0]


def test_slot_that_another_draft_means_to_take_is_only_warned_of(draft, twin, layer, analyst):
    take(draft, layer, 0.5, analyst)
    shared = take(twin, layer, 0.5, analyst, start=2000)
    assert [slot.experiment.key for slot in shared] == [draft.key]
    lifecycle.launch(draft, actor=analyst)
    with pytest.raises(Conflict, match="Choose a free part"):
        lifecycle.launch(twin, actor=analyst)


def test_stopped_experiment_frees_its_slot(draft, twin, layer, analyst):
    take(draft, layer, 1.0, analyst)
    lifecycle.launch(draft, actor=analyst)
    lifecycle.stop(draft, actor=analyst)
    take(twin, layer, 1.0, analyst)
    lifecycle.launch(twin, actor=analyst)


@pytest.mark.django_db(transaction=True)
def test_two_launches_into_the_same_slot_at_once_make_one(draft, twin, layer, analyst):
    take(draft, layer, 0.5, analyst)
    take(twin, layer, 0.5, analyst, start=0)
    attempts = [lambda one=one: lifecycle.launch(one, actor=analyst) for one in (draft, twin)]
    assert race(*attempts) == {"done": 1, "Conflict": 1}
    assert Experiment.objects.filter(status="running").count() == 1


def test_gaps_are_what_no_slot_covers(draft, layer, analyst):
    assert layers.gaps([]) == [(0, 10_000)]
    slots = [layers.Slot(2000, 3000, draft), layers.Slot(0, 1000, draft), layers.Slot(2500, 4000, draft)]
    assert layers.gaps(slots) == [(1000, 2000), (4000, 10_000)]


def test_seed_of_a_layer_never_changes(layer):
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update experiment.experiments_layer set seed = 'other'")


def test_change_of_a_layer_is_audited_with_before_and_after(layer, analyst):
    layers.change(layer, name="Home page", description="", actor=analyst)
    entry = AuditEntry.objects.get(action="layer.change")
    assert (entry.before["name"], entry.after["name"]) == ("Home", "Home page")


def test_raising_the_holdout_only_takes_units_in(admin):
    units = [f"u{n}" for n in range(2000)]
    held = []
    for share in (0.05, 0.1):
        holdouts.set_share(share, actor=admin)
        seed = Holdout.objects.get().seed
        held.append({unit for unit in units if bucket(seed=seed, unit=unit) < share})
    assert held[0] < held[1]
    entry = AuditEntry.objects.filter(action="holdout.share").first()
    assert (entry.before, entry.after) == ({"share": 0.05}, {"share": 0.1})


@pytest.mark.parametrize("share", [-0.1, 0.51])
def test_holdout_outside_its_range_is_refused(admin, share):
    with pytest.raises(Invalid):
        holdouts.set_share(share, actor=admin)


def test_holdout_that_somebody_else_changed_is_a_conflict(admin):
    holdouts.set_share(0.05, actor=admin, expected=0.0)
    with pytest.raises(Conflict):
        holdouts.set_share(0.2, actor=admin, expected=0.0)
    assert holdouts.share() == 0.05


def test_change_of_the_traffic_is_audited(draft, layer, analyst):
    take(draft, layer, 0.3, analyst)
    entry = AuditEntry.objects.get(action="experiment.traffic")
    assert (entry.before["layer"], entry.after["layer"], entry.after["layer_end"]) == (None, "home", 3000)


def test_traffic_of_a_launched_experiment_stays(running, analyst):
    with pytest.raises(Conflict, match="frozen"):
        traffic.set_traffic(running, TrafficInput(coverage=0.5), actor=analyst)


def test_ramp_beyond_a_coverage_that_fell_is_named_before_the_launch(draft):
    draft.ramp, draft.coverage = [{"coverage": 0.5, "hours": 1}], 0.2
    assert set(drafting.problems_of(draft)) == {"ramp"}


def test_layer_without_a_slot_keeps_a_draft_from_its_launch(draft, layer, analyst):
    draft.layer = layer
    draft.save(update_fields=["layer"])
    assert set(drafting.problems_of(draft)) == {"layer_start"}
    with pytest.raises(Invalid):
        lifecycle.launch(draft, actor=analyst)
    with pytest.raises(IntegrityError, match="experiment_live_has_slot_in_layer"), transaction.atomic():
        type(draft).objects.filter(pk=draft.pk).update(status="running")
