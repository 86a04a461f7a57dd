"""After the launch only what takes nobody out of a variant can change; each change opens a phase."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from experiments.allocation import phases, rollout, traffic
from experiments.assignment.bucketing import BUCKETS, choose
from experiments.designs.design import RampStep
from experiments.models import Announcement, Experiment, Phase
from experiments.public import evaluate, get_run_design
from experiments.running import lifecycle, ramp, safety_hooks
from experiments.running.safety_hooks import Safety
from novarium.kernel.errors import Conflict, Forbidden, Invalid
from novarium.portal.models import AuditEntry, Notification
from tests.experiments.racing import race

pytestmark = pytest.mark.django_db
GOOD = Safety(units=1000, fewest=500, needed=100, mismatch=False)
STEPS = (RampStep(coverage=0.01, hours=24), RampStep(coverage=0.1, hours=24))


class Told:
    """A guard that says what it is told to."""

    def __init__(self, safety):
        self.safety = safety

    def check(self, run):
        return self.safety


@pytest.fixture
def guard():
    """Whatever the test says the data tell; the real guard is back afterwards."""
    real, told = safety_hooks._guard, Told(GOOD)
    safety_hooks.register(told)
    yield told
    safety_hooks.register(real)


@pytest.fixture
def ramped(draft, analyst, guard):
    """Launched at the first step of a ramp of 1%, 10% and all."""
    traffic.set_traffic(draft, traffic.TrafficInput(coverage=1.0, ramp=STEPS), actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    draft.refresh_from_db()
    return draft


def owners(phase: Phase) -> list[int]:
    """Return which variant owns each bucket."""
    owned = phases.allotment_of(phase)
    return [
        next((arm for arm, parts in enumerate(owned) if choose(place / BUCKETS, parts) >= 0), -1)
        for place in range(BUCKETS)
    ]


def test_raising_the_coverage_moves_only_new_units_and_only_inwards(ramped, analyst):
    before = owners(phases.last_of(ramped))
    phase = rollout.ramp_up(ramped, coverage=0.4, actor=analyst, note="all is well")
    after = owners(phase)
    moved = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert all(old == -1 for old, _new in moved)
    assert len(moved) == pytest.approx(0.39 * BUCKETS, abs=2)
    entry = AuditEntry.objects.get(action="experiment.ramp")
    assert (entry.before["coverage"], entry.after["coverage"], entry.note) == (0.01, 0.4, "all is well")


def test_snapshot_stays_frozen_through_all_phases(ramped, analyst):
    run = ramped.runs.get()
    rollout.ramp_up(ramped, coverage=0.5, actor=analyst)
    lifecycle.pause(ramped, actor=analyst)
    lifecycle.resume(ramped, actor=analyst)
    again = ramped.runs.get()
    assert (again.snapshot, again.snapshot_hash) == (run.snapshot, run.snapshot_hash)
    assert [phase.kind for phase in get_run_design(ramped.key).phases] == ["launch", "ramp", "pause", "resume"]


@pytest.mark.parametrize("coverage", [0.01, 0.005, 1.01])
def test_coverage_never_falls_and_never_passes_all(ramped, analyst, coverage):
    with pytest.raises(Invalid, match="only rise"):
        rollout.ramp_up(ramped, coverage=coverage, actor=analyst)
    assert Phase.objects.count() == 1


def test_weights_that_take_units_from_a_variant_are_refused_with_the_reason(ramped, analyst):
    with pytest.raises(Invalid, match=r"Control would fall from 0.50% to 0.30%"):
        rollout.raise_weights(ramped, weights=[0.3, 0.7], coverage=0.01, actor=analyst)
    assert Phase.objects.count() == 1


def test_weights_that_grow_with_the_coverage_take_nobody_out(ramped, analyst):
    before = owners(phases.last_of(ramped))
    after = owners(rollout.raise_weights(ramped, weights=[0.2, 0.8], coverage=0.5, actor=analyst))
    assert all(old in (-1, new) for old, new in zip(before, after, strict=True))
    assert after.count(1) == pytest.approx(0.4 * BUCKETS, abs=2)


def test_paused_experiment_shows_nobody_a_variant_and_resuming_gives_each_their_own_back(running, analyst):
    units = [f"u{n}" for n in range(60)]
    before = [evaluate("home-hero-banner", unit).variant for unit in units]
    lifecycle.pause(running, actor=analyst, note="a bug")
    assert {evaluate("home-hero-banner", unit).reason for unit in units} == {"STATIC"}
    with pytest.raises(Conflict):
        rollout.ramp_up(running, coverage=1.0, actor=analyst)
    lifecycle.resume(running, actor=analyst)
    assert [evaluate("home-hero-banner", unit).variant for unit in units] == before


def test_paused_experiment_can_be_stopped(running, analyst):
    lifecycle.pause(running, actor=analyst)
    lifecycle.stop(running, actor=analyst)
    assert Experiment.objects.get(pk=running.pk).status == "stopped"


@pytest.mark.parametrize("statement", ["update {} set coverage = 1", "delete from {}"])
def test_database_itself_keeps_phases_as_history(ramped, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("experiment.experiments_phase"))


def test_due_step_is_taken_when_the_checks_pass_and_only_once(ramped):
    later = timezone.now() + timedelta(hours=24)
    assert ramp.carry_on(ramped, now=timezone.now()) == "waiting"
    assert ramp.carry_on(ramped, now=later) == "advanced"
    assert ramp.carry_on(ramped, now=later) == "waiting"
    assert phases.last_of(ramped).coverage == 0.1
    assert AuditEntry.objects.get(action="experiment.ramp").actor is None


def test_time_of_a_pause_does_not_count_as_time_on_the_step(ramped, analyst):
    start = timezone.now()
    lifecycle.pause(ramped, actor=analyst, now=start + timedelta(hours=1))
    lifecycle.resume(ramped, actor=analyst, now=start + timedelta(hours=50))
    assert ramp.carry_on(ramped, now=start + timedelta(hours=60)) == "waiting"
    assert ramp.carry_on(ramped, now=start + timedelta(hours=74)) == "advanced"


@pytest.mark.parametrize(
    "safety",
    [
        Safety(units=1000, fewest=500, needed=100, mismatch=True),
        Safety(units=1000, fewest=500, needed=100, harmed=("Average order value",)),
        Safety(units=30, fewest=10, needed=100),
    ],
)
def test_failed_check_holds_the_ramp_and_tells_owner_and_leads_once(ramped, guard, lead, analyst, safety):
    guard.safety = safety
    later = timezone.now() + timedelta(hours=25)
    Notification.objects.all().delete()
    assert [ramp.carry_on(ramped, now=later) for _ in range(3)] == ["held"] * 3
    assert phases.last_of(ramped).coverage == 0.01
    assert sorted(Notification.objects.values_list("user__username", flat=True)) == ["analyst", "lead"]
    assert "held at 1.0%" in Announcement.objects.get().text
    guard.safety = GOOD
    assert ramp.carry_on(ramped, now=later) == "advanced"


def test_ramp_that_does_not_go_on_by_itself_waits_for_a_person(draft, analyst, guard):
    wanted = traffic.TrafficInput(coverage=1.0, ramp=STEPS, ramp_automatic=False)
    traffic.set_traffic(draft, wanted, actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    assert ramp.carry_on(draft, now=timezone.now() + timedelta(hours=30)) == "held"
    ramp.advance(draft, actor=analyst)
    assert phases.last_of(draft).coverage == 0.1


def test_advancing_over_a_failed_check_needs_a_lead_and_a_reason_which_is_kept(ramped, guard, analyst, lead):
    guard.safety = Safety(units=1000, fewest=500, needed=100, mismatch=True)
    with pytest.raises(Forbidden, match=r"only a lead .* The sample ratio does not match the plan."):
        ramp.advance(ramped, actor=analyst, reason="I am in a hurry")
    with pytest.raises(Invalid) as caught:
        ramp.advance(ramped, actor=lead)
    assert caught.value.fields["reason"] == ["The sample ratio does not match the plan."]
    ramp.advance(ramped, actor=lead, reason="Bots, filtered since")
    note = AuditEntry.objects.get(action="experiment.ramp").note
    assert note == "Bots, filtered since (The sample ratio does not match the plan.)"


def test_raising_shares_by_hand_is_no_way_around_the_ramps_checks(ramped, guard, analyst, lead):
    guard.safety = Safety(units=1000, fewest=500, needed=100, harmed=("Average order value",))
    wanted = {"weights": [0.5, 0.5], "coverage": 0.5}
    with pytest.raises(Forbidden):
        rollout.raise_shares(ramped, actor=analyst, note="In a hurry", **wanted)
    with pytest.raises(Invalid) as caught:
        rollout.raise_shares(ramped, actor=lead, **wanted)
    assert caught.value.fields["note"] == ["The guardrail Average order value is harmed."]
    rollout.raise_shares(ramped, actor=lead, note="A price error, mended", **wanted)
    assert "Average order value is harmed" in AuditEntry.objects.get(action="experiment.ramp").note
    guard.safety = GOOD
    rollout.raise_shares(ramped, actor=analyst, weights=[0.5, 0.5], coverage=0.6)
    assert phases.last_of(ramped).coverage == 0.6


def test_ramp_ends_at_the_coverage_of_the_design(ramped, analyst):
    for _ in range(2):
        ramp.advance(ramped, actor=analyst)
    assert phases.last_of(ramped).coverage == 1.0
    with pytest.raises(Conflict, match="no further step"):
        ramp.advance(ramped, actor=analyst)


@pytest.mark.django_db(transaction=True)
def test_two_people_and_a_worker_advancing_at_once_take_one_step(ramped, analyst):
    seen, later = phases.last_of(ramped).number, timezone.now() + timedelta(hours=25)
    outcomes = race(
        lambda: ramp.advance(ramped, actor=analyst, expected=seen),
        lambda: ramp.advance(ramped, actor=analyst, expected=seen),
        lambda: ramp.carry_on(ramped, now=later),
    )
    assert outcomes["done"] in {1, 2}  # the worker that was outrun says so without a refusal
    assert list(Phase.objects.values_list("number", flat=True)) == [1, 2]
    assert phases.last_of(ramped).coverage == 0.1


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([(0.5, 1), (0.1, 1)], "larger than the one before"),
        ([(1.0, 1)], "below the coverage"),
        ([(0.1, 0)], "more than 0"),
        ([(0.01 * n, 1) for n in range(1, 10)], "At most 8"),
    ],
)
def test_ramp_that_makes_no_sense_is_refused(draft, analyst, steps, sentence):
    steps = tuple(RampStep(coverage=coverage, hours=hours) for coverage, hours in steps)
    with pytest.raises(Invalid) as caught:
        traffic.set_traffic(draft, traffic.TrafficInput(coverage=1.0, ramp=steps), actor=analyst)
    assert sentence in caught.value.fields["ramp"][0]
