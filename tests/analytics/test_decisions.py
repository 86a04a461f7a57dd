"""Adopting and rejecting: everything together or nothing, and only once."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from analytics import archive, decisions
from analytics.decisions import Reasons
from analytics.models import Adoption, ArchiveEntry, Decision, LearningNote
from experiments.features import revisions
from experiments.models import Experiment, Feature, Run
from experiments.public import evaluate, live_revision
from experiments.running import lifecycle
from novarium.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from novarium.portal.models import AuditEntry
from tests.analytics.traffic import Unit, store, visitors

pytestmark = pytest.mark.django_db

KEY = "hero-discount"
WRITTEN = Reasons(note="It sells more.", learning="A price in the banner works.")


@pytest.fixture
def stopped(winner, started, analyst):
    lifecycle.stop(started.experiment, actor=analyst)
    return started


def adopt(actor, *, variant="discount", reasons=WRITTEN, expected=1, stop_first=False, run_number=1):
    return decisions.adopt(
        KEY,
        run_number=run_number,
        variant=variant,
        expected_revision=expected,
        reasons=reasons,
        actor=actor,
        stop_first=stop_first,
    )


def nothing_changed(status="stopped"):
    assert Experiment.objects.get(key=KEY).status == status
    assert live_revision("home-hero-banner").number == 1
    return not any(model.objects.exists() for model in (Decision, Adoption, ArchiveEntry, LearningNote))


def test_adopting_changes_feature_experiment_and_archive_together(stopped, lead):
    entry = adopt(lead)
    assert evaluate("home-hero-banner", "anybody").value["discount_percent"] == 20
    assert Experiment.objects.get(key=KEY).status == "decided"
    decision = Decision.objects.get()
    assert (decision.outcome, decision.variant, decision.breaches) == ("adopted", "discount", [])
    assert (decision.adoption.revision, decision.adoption.replaced_revision) == (2, 1)
    assert (entry.outcome, entry.decision["revision"]) == ("adopted", 2)
    assert entry.notes.get().text == "A price in the banner works."


def test_adoption_is_audited_with_note_and_variant(stopped, lead):
    adopt(lead)
    entry = AuditEntry.objects.get(action="decision.adopt")
    assert (entry.actor, entry.note, entry.after["variant"]) == (lead, "It sells more.", "discount")
    assert AuditEntry.objects.filter(action__in=["experiment.decide", "feature.adoption"]).count() == 2


def test_rejecting_leaves_the_feature_and_archives(stopped, lead):
    entry = decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=lead)
    assert live_revision("home-hero-banner").number == 1
    assert (entry.outcome, entry.decision["variant"]) == ("rejected", "")
    assert Experiment.objects.get(key=KEY).status == "decided"


@pytest.mark.parametrize("person", ["viewer", "analyst", "other_lead", "stranger"])
def test_only_a_lead_of_the_team_decides(stopped, request, person):
    someone = request.getfixturevalue(person)
    with pytest.raises(Forbidden):
        adopt(someone)
    with pytest.raises(Forbidden):
        decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=someone)
    assert nothing_changed()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reasons": Reasons(note=" ", learning="x")}, "note"),
        ({"reasons": Reasons(note="x", learning="")}, "learning"),
        ({"reasons": Reasons(note="x" * 5001, learning="x")}, "note"),
        ({"variant": "control"}, "variant"),
        ({"variant": "nothing"}, "variant"),
    ],
)
def test_incomplete_decision_names_the_field_and_changes_nothing(stopped, lead, changes, field):
    with pytest.raises(Invalid) as caught:
        adopt(lead, **changes)
    assert set(caught.value.fields) == {field}
    assert nothing_changed()


def test_running_experiment_must_be_stopped_or_stopped_in_the_same_step(winner, started, lead):
    with pytest.raises(Conflict, match="Stop it before"):
        adopt(lead)
    adopt(lead, stop_first=True)
    run = Run.objects.get(pk=started.pk)
    assert run.stopped_at is not None
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True))[-4:] == [
        "experiment.stop",
        "experiment.decide",
        "decision.adopt",
        "feature.adoption",
    ]


def test_stop_and_decide_that_fails_leaves_it_running(winner, started, lead):
    with pytest.raises(Invalid):
        adopt(lead, stop_first=True, reasons=Reasons(note="", learning=""))
    assert nothing_changed("running")


def test_too_few_units_refuse_until_overridden_with_a_reason(started, lead):
    store(
        started,
        [
            Unit(f"{v}-{n}", v, started.started_at + timedelta(hours=1))
            for v in ("control", "discount")
            for n in range(9)
        ],
    )
    with pytest.raises(Invalid) as caught:
        adopt(lead, stop_first=True)
    assert "Only 18 of 2,000" in caught.value.fields["override"][0]
    assert nothing_changed("running")
    entry = adopt(lead, stop_first=True, reasons=Reasons(note="n", learning="l", override="A legal duty."))
    assert Decision.objects.get().breaches == [
        {"code": "too_few_units", "subject": "18/2000"},
        {"code": "not_better", "subject": "Click-through rate"},
    ]
    assert entry.decision["override_reason"] == "A legal duty."
    assert AuditEntry.objects.get(action="decision.adopt").after["override"] == "A legal duty."


def test_result_that_shows_no_improvement_refuses(started, lead):
    units = visitors(
        started,
        per_variant={"control": 1000, "discount": 1000},
        click_rate={"control": 0.3, "discount": 0.3},
        order_rate={"control": 0.4, "discount": 0.4},
        spend={"control": 20000, "discount": 20000},
    )
    store(started, units)
    with pytest.raises(Invalid) as caught:
        adopt(lead, stop_first=True)
    assert "It is not shown that Click-through rate gets better." in caught.value.fields["override"]
    assert nothing_changed("running")


def test_sample_ratio_mismatch_refuses(started, winner, lead):
    store(started, [Unit(f"extra-{n}", "discount", started.started_at + timedelta(hours=1)) for n in range(250)])
    with pytest.raises(Invalid) as caught:
        adopt(lead, stop_first=True)
    assert "sample ratio" in caught.value.fields["override"][0]
    assert nothing_changed("running")


def test_harmed_guardrail_refuses(started, lead):
    units = visitors(
        started,
        per_variant={"control": 1000, "discount": 1000},
        click_rate={"control": 0.3, "discount": 0.4},
        order_rate={"control": 0.4, "discount": 0.4},
        spend={"control": 20000, "discount": 14000},
    )
    store(started, units)
    with pytest.raises(Invalid) as caught:
        adopt(lead, stop_first=True)
    assert "Average order value" in caught.value.fields["override"][0]
    entry = adopt(lead, stop_first=True, reasons=Reasons(note="n", learning="l", override="Growth first."))
    assert entry.decision["objections"] == [{"code": "guardrail_harmed", "subject": "Average order value"}]


def test_override_without_objection_is_not_kept(stopped, lead):
    entry = adopt(lead, reasons=Reasons(note="n", learning="l", override="just in case"))
    assert entry.decision["override_reason"] == ""


def test_second_decision_is_a_conflict(stopped, lead):
    adopt(lead)
    with pytest.raises(Conflict):
        adopt(lead, expected=2)
    with pytest.raises(Conflict):
        decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=lead)
    assert Decision.objects.count() == 1


def test_value_that_went_live_meanwhile_is_a_conflict_and_undoes_all(stopped, lead):
    feature = Feature.objects.get(key="home-hero-banner")
    value = feature.revisions.get().value
    revisions.revise(feature, {**value, "title": "New"}, expected=1, origin="edit", actor=lead)
    with pytest.raises(Conflict):
        adopt(lead)
    assert Experiment.objects.get(key=KEY).status == "stopped"
    assert not Decision.objects.exists()
    assert not ArchiveEntry.objects.exists()


def test_run_that_was_reset_meanwhile_is_a_conflict(stopped, lead, analyst):
    lifecycle.reset(stopped.experiment, actor=analyst)
    with pytest.raises(Conflict):
        adopt(lead)
    assert not Decision.objects.exists()


def test_run_without_any_exposure_can_be_rejected(started, lead):
    entry = decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=lead, stop_first=True)
    assert entry.result is None
    assert archive.report_of(entry) is None


@pytest.mark.django_db(transaction=True)
def test_two_leads_deciding_at_once_make_one_decision(winner, started, lead, admin, analyst):
    lifecycle.stop(started.experiment, actor=analyst)
    outcomes = []

    def attempt(work):
        try:
            work()
            outcomes.append("decided")
        except (DomainError, DatabaseError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    works = [
        lambda: adopt(lead),
        lambda: adopt(admin),
        lambda: decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=lead),
        lambda: decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=admin),
    ]
    threads = [threading.Thread(target=attempt, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Conflict"] * 3 + ["decided"]
    assert (Decision.objects.count(), ArchiveEntry.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "update experiment.analytics_decision set outcome = 'rejected', variant = ''",
        "update experiment.analytics_decision set note = 'x'",
        "delete from experiment.analytics_decision",
        "update experiment.analytics_adoption set revision = 9",
        "update warehouse.analytics_archiveentry set result = null",
        "delete from warehouse.analytics_archiveentry",
        "update warehouse.analytics_learningnote set text = 'x'",
        "delete from warehouse.analytics_learningnote",
    ],
)
def test_database_itself_keeps_decisions_and_archive(stopped, lead, statement):
    adopt(lead)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
