"""Launch freezes, stop and reset move on, and nothing else is possible."""

import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from experiments.designs import authoring
from experiments.designs.authoring import Hypothesis
from experiments.designs.design import from_snapshot, snapshot_hash
from experiments.designs.drafting import VariantInput, read_design, set_variants
from experiments.metrics import metric_authoring
from experiments.metrics.metric_authoring import MetricInput
from experiments.models import Experiment, Feature, Metric, Run, Variant
from experiments.public import evaluate, get_run_design
from experiments.running import freeze, lifecycle
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


@pytest.mark.django_db(transaction=True)
def test_metric_cannot_change_between_the_snapshot_and_the_launch(draft, analyst):
    """Whoever is first: the launch takes a version of the metric, and the definition that this version has."""
    metric = draft.oec
    names = MetricInput.__dataclass_fields__
    given = MetricInput(**{name: getattr(metric, name) for name in names} | {"direction": "decrease"})
    start = threading.Barrier(2)
    outcomes = {}

    def attempt(name, operation):
        start.wait()
        try:
            operation()
            outcomes[name] = "done"
        except Conflict:
            outcomes[name] = "refused"
        finally:
            connection.close()

    moves = {
        "launch": lambda: lifecycle.launch(draft, actor=analyst),
        "change": lambda: metric_authoring.change(metric, given, actor=analyst),
    }
    threads = [threading.Thread(target=attempt, args=item) for item in moves.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"launch": "done", "change": "done"}
    run, launched = Run.objects.get(), Experiment.objects.get(pk=draft.pk)
    assert freeze.check(run, launched).is_intact
    direction = {metric.version: "increase", metric.version + 1: "decrease"}[run.snapshot["oec"]["version"]]
    assert run.snapshot["oec"]["direction"] == direction


@pytest.mark.django_db(transaction=True)
def test_launch_holds_the_definitions_of_its_metrics_until_it_is_committed(draft, analyst):
    metric = draft.guardrails.get().metric
    with transaction.atomic():
        lifecycle.launch(draft, actor=analyst)
        outcome = []

        def change():
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("set local lock_timeout = '200ms'")
                    Metric.objects.select_for_update().get(pk=metric.pk)
                outcome.append("free")
            except DatabaseError:
                outcome.append("held")
            finally:
                connection.close()

        thread = threading.Thread(target=change)
        thread.start()
        thread.join()
    assert outcome == ["held"]


def test_arms_are_checked_against_the_feature_that_the_draft_has_now(draft, analyst):
    """Somebody else chose another feature after the page was opened."""
    stale = Experiment.objects.select_related("feature").get(pk=draft.pk)
    arms = [
        VariantInput(key=arm.key, name=arm.name, weight=arm.weight, value=arm.value) for arm in stale.variants.all()
    ]
    names = Hypothesis.__dataclass_fields__.keys() - {"margins", "feature"}
    other = Hypothesis(feature=Feature.objects.get(key="checkout-button"), **{n: getattr(draft, n) for n in names})
    authoring.change_hypothesis(draft, other, actor=analyst)
    with pytest.raises(Invalid):
        set_variants(stale, arms, actor=analyst)
    assert set(draft.variants.first().value) == {"text", "color"}


def test_launch_opens_a_first_phase_with_the_ramps_first_share(draft, analyst):
    draft.ramp = [{"coverage": 0.1, "hours": 24}]
    draft.save(update_fields=["ramp"])

    run = lifecycle.launch(draft, actor=analyst)

    (phase,) = get_run_design(draft.key).phases
    assert (phase.number, phase.kind, phase.coverage, phase.weights) == (1, "launch", 0.1, (0.5, 0.5))
    assert phase.allotment == (((0.0, 0.05),), ((0.5, 0.55),))
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        run.phases.update(coverage=0.5)
