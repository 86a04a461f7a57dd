"""Launch freezes, stop and reset move on, and nothing else is possible."""

import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from experiments import lifecycle
from experiments.design import from_snapshot, snapshot_hash
from experiments.drafting import read_design
from experiments.models import Experiment, Feature, Run, Variant
from experiments.public import evaluate
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_launch_keeps_a_snapshot_with_its_hash(draft, analyst):
    run = lifecycle.launch(draft, actor=analyst)
    assert from_snapshot(run.snapshot) == read_design(Experiment.objects.get(pk=draft.pk))
    assert run.snapshot_hash == snapshot_hash(run.snapshot)


def test_launch_of_an_incomplete_draft_names_each_problem(draft, analyst):
    Experiment.objects.filter(pk=draft.pk).update(why="", planned_units=None)
    with pytest.raises(Invalid) as caught:
        lifecycle.launch(draft, actor=analyst)
    assert set(caught.value.fields) == {"why", "planned_units"}
    assert not Run.objects.exists()


def test_second_experiment_on_the_same_feature_is_refused(running, draft, analyst, team):
    twin = Experiment.objects.get(pk=running.pk)
    variants, guardrails = list(twin.variants.all()), list(twin.guardrails.all())
    twin.pk, twin.key, twin.status = None, "twin", "draft"
    twin.save()
    for part in (*variants, *guardrails):
        part.pk, part.experiment = None, twin
        part.save()
    with pytest.raises(Conflict, match="Another experiment"):
        lifecycle.launch(twin, actor=analyst)


@pytest.mark.parametrize(
    "statement",
    [
        "update experiment.experiments_experiment set alpha = 0.1",
        "update experiment.experiments_variant set weight = 10",
        "delete from experiment.experiments_variant",
        "update experiment.experiments_guardrail set margin = 0.5",
        "update experiment.experiments_run set snapshot = '{}'",
        "delete from experiment.experiments_run",
        "update experiment.experiments_featurerevision set value = '{}'",
    ],
)
def test_database_itself_refuses_to_change_a_launched_design(running, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_stop_reset_launch_makes_a_second_run_with_another_seed(running, analyst):
    first = running.seed
    lifecycle.stop(running, actor=analyst)
    lifecycle.reset(running, actor=analyst)
    running.refresh_from_db()
    assert (running.status, running.run_number) == ("draft", 2)
    assert running.seed != first
    lifecycle.launch(running, actor=analyst)
    assert list(running.runs.order_by("number").values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("name", "status"), [("stop", "draft"), ("reset", "draft"), ("decide", "draft"), ("launch", "running")]
)
def test_move_from_another_status_is_a_conflict(draft, analyst, name, status):
    if status == "running":
        lifecycle.launch(draft, actor=analyst)
    with pytest.raises(Conflict):
        getattr(lifecycle, name)(draft, actor=analyst)


def test_every_move_is_audited_with_before_and_after(running, analyst):
    lifecycle.stop(running, actor=analyst, note="enough")
    entry = AuditEntry.objects.get(action="experiment.stop")
    assert (entry.before, entry.after, entry.note) == ({"status": "running"}, {"status": "stopped"}, "enough")


def test_stopped_experiment_is_not_served(running, analyst):
    units = [f"u{n}" for n in range(50)]
    assert {evaluate("home-hero-banner", unit).variant for unit in units} == {"control", "discount"}
    lifecycle.stop(running, actor=analyst)
    assert {evaluate("home-hero-banner", unit).reason for unit in units} == {"STATIC"}


@pytest.mark.django_db(transaction=True)
def test_two_people_launching_at_once_make_one_run(draft, analyst):
    outcomes = []

    def attempt():
        try:
            lifecycle.launch(draft, actor=analyst)
            outcomes.append("launched")
        except (Conflict, DatabaseError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Conflict"] * 3 + ["launched"]
    assert Run.objects.count() == 1


def test_variants_of_a_launched_experiment_are_served_as_designed(running):
    evaluation = evaluate("home-hero-banner", "someone")
    variant = Variant.objects.get(pk=evaluation.variant_id)
    assert evaluation.value == variant.value
    assert evaluation.run_id == Run.objects.get(experiment=running).pk
    assert Feature.objects.get(key="home-hero-banner").experiments.get() == running
