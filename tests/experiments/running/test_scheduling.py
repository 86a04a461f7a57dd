"""What is due is launched and stopped, once, under all rules of a launch."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from experiments import beat
from experiments.allocation import traffic
from experiments.designs import reviewing
from experiments.models import Experiment, Review, Run
from experiments.running import lifecycle, scheduling
from experiments.tasks import keep_schedules
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry, Notification
from tests.experiments.racing import race

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def schedule(draft, analyst, *, start=HOUR, end=None, now=None):
    now = now or timezone.now()
    wanted = traffic.TrafficInput(coverage=1.0, starts_at=now + start, ends_at=now + end if end else None)
    traffic.set_traffic(draft, wanted, actor=analyst, now=now)
    return now


def status(draft):
    return Experiment.objects.get(pk=draft.pk).status


def test_draft_starts_when_its_time_has_come_and_not_before(draft, analyst):
    now = schedule(draft, analyst)
    assert scheduling.launch_due(now=now + HOUR / 2) == []
    assert scheduling.launch_due(now=now + HOUR) == [draft.key]
    assert scheduling.launch_due(now=now + HOUR) == []
    assert Run.objects.get().started_at == now + HOUR
    assert AuditEntry.objects.get(action="experiment.launch").actor is None


def test_draft_that_nobody_approved_does_not_start_and_the_owner_is_told_once(draft, team, analyst, lead):
    team.requires_review = True
    team.save()
    now = schedule(draft, analyst)
    for minute in range(3):
        assert scheduling.launch_due(now=now + HOUR + timedelta(minutes=minute)) == []
    assert Notification.objects.filter(user=analyst, text__contains="could not start").count() == 1
    review = reviewing.request(Experiment.objects.get(pk=draft.pk), actor=analyst)
    reviewing.decide(review, verdict=Review.Verdict.APPROVED, reviewer=lead)
    assert scheduling.launch_due(now=now + HOUR + timedelta(minutes=5)) == [draft.key]


def test_start_that_was_missed_by_an_hour_is_not_made_up_for(draft, analyst):
    now = schedule(draft, analyst)
    assert scheduling.launch_due(now=now + 3 * HOUR) == []
    draft.refresh_from_db()
    assert scheduling.missed_start(draft, now=now + 3 * HOUR)


def test_experiment_stops_at_its_end_even_while_paused(draft, analyst):
    now = schedule(draft, analyst, end=3 * HOUR)
    scheduling.launch_due(now=now + HOUR)
    lifecycle.pause(draft, actor=analyst, now=now + 2 * HOUR)
    assert scheduling.stop_due(now=now + 2 * HOUR) == []
    assert scheduling.stop_due(now=now + 3 * HOUR) == [draft.key]
    assert scheduling.stop_due(now=now + 3 * HOUR) == []
    assert status(draft) == "stopped"


def test_reset_clears_the_schedule_so_that_it_does_not_start_again(draft, analyst):
    now = schedule(draft, analyst, end=2 * HOUR)
    scheduling.launch_due(now=now + HOUR)
    lifecycle.stop(draft, actor=analyst, now=now + HOUR)
    lifecycle.reset(draft, actor=analyst)
    assert scheduling.launch_due(now=now + HOUR) == []
    draft.refresh_from_db()
    assert (draft.starts_at, draft.ends_at) == (None, None)


def test_end_of_a_live_experiment_may_move_and_is_audited(running, analyst):
    end = timezone.now() + HOUR
    scheduling.change_end(running, ends_at=end, actor=analyst)
    entry = AuditEntry.objects.get(action="experiment.schedule")
    assert (entry.before, entry.after) == ({"ends_at": None}, {"ends_at": end.isoformat()})
    with pytest.raises(Invalid):
        scheduling.change_end(running, ends_at=timezone.now() - HOUR, actor=analyst)


def test_end_of_a_stopped_experiment_stays(running, analyst):
    lifecycle.stop(running, actor=analyst)
    with pytest.raises(Conflict):
        scheduling.change_end(running, ends_at=timezone.now() + HOUR, actor=analyst)


def test_launch_after_the_scheduled_end_is_refused(draft, analyst):
    now = schedule(draft, analyst, end=2 * HOUR)
    with pytest.raises(Invalid, match="has passed"):
        lifecycle.launch(draft, actor=analyst, now=now + 3 * HOUR)


@pytest.mark.parametrize(("start", "end", "field"), [(-HOUR, None, "starts_at"), (2 * HOUR, HOUR, "ends_at")])
def test_schedule_that_cannot_be_kept_is_refused(draft, analyst, start, end, field):
    with pytest.raises(Invalid) as caught:
        schedule(draft, analyst, start=start, end=end)
    assert field in caught.value.fields


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_launch_and_stop_once(draft, analyst):
    now = schedule(draft, analyst, end=2 * HOUR)
    assert race(*[lambda: scheduling.launch_due(now=now + HOUR)] * 3) == {"done": 3}
    assert Run.objects.count() == 1
    assert race(*[lambda: scheduling.stop_due(now=now + 2 * HOUR)] * 3) == {"done": 3}
    assert AuditEntry.objects.filter(action="experiment.stop").count() == 1
    connection.close()


def test_task_does_nothing_where_nothing_is_due(running):
    keep_schedules()
    assert status(running) == "running"


def test_schedule_is_installed_once_and_an_administrators_change_stays(db):
    for task in beat.install_schedule():
        task.enabled = False
        task.save()
    assert [task.enabled for task in beat.install_schedule()] == [False, False]
