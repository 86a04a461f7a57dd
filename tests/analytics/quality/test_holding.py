"""What a failing check stops, and what it leaves alone; who is told; and how it is let go."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from analytics import decisions
from analytics.decisions import Reasons
from analytics.marts.exports import report
from analytics.marts.runs import build, resume_build, run_build
from analytics.marts.scope import scope_of
from analytics.marts.stages import without
from analytics.marts.zone import day_number
from analytics.models import (
    CheckFailure,
    CheckResult,
    CohortWeek,
    CrmTarget,
    DailyMetric,
    Dataset,
    Decision,
    FactEvent,
    GateRun,
)
from analytics.quality.running import request_checks, run_requested
from analytics.quality.standing import accept, failures_touching, open_failures
from experiments.public import get_run_design, record
from experiments.running import lifecycle
from novarium.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from novarium.portal.models import AuditEntry, Notification
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db

KEY = "hero-discount"
WRITTEN = Reasons(note="It sells more.", learning="A price works.", override="All the same.")


def noon(days_ago):
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def day(days_ago):
    return noon(days_ago).date()


@pytest.fixture
def received():
    return Dataset.objects.get(pk=1)


@pytest.fixture
def two_days(db):
    """A shop on two days that are over."""
    record(
        events=[
            item
            for days_ago in (3, 2)
            for item in (
                event("page_view", "anna", noon(days_ago), page="home"),
                event("purchase", "anna", noon(days_ago), 9000, order=f"o{days_ago}"),
            )
        ]
    )


def spoil(days_ago, statement="update experiment.experiments_event set properties = '{}'", name="purchase"):
    """Change events of a day behind everybody's back."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement} where name = %s and occurred_at >= %s and occurred_at < %s",
            [name, noon(days_ago) - timedelta(hours=12), noon(days_ago) + timedelta(hours=12)],
        )
        assert cursor.rowcount


def mend(days_ago):
    spoil(days_ago, "update experiment.experiments_event set properties = jsonb_build_object('order', 'mended')")


def stages_of(run):
    return {stage.name: stage.status for stage in run.stages.all()}


def test_failing_day_holds_its_own_kpis_and_exports_and_no_other_days(two_days, received):
    spoil(3)
    held, fine = build(day(3)), build(day(2))
    stages = stages_of(held)
    assert (held.status, stages["gate_raw"], stages["facts"]) == ("held", "done", "done")
    assert (stages["gate_marts"], stages["daily_metrics"]) == ("held", "held")
    assert "Purchases without order or amount" in held.problem
    assert fine.status == "done"
    assert [metric.date for metric in DailyMetric.objects.all()] == [day(2)]
    assert report("funnel.csv", dataset=received, day=day(2))
    with pytest.raises(Conflict, match="Purchases without order or amount"):
        report("funnel.csv", dataset=received, day=day(3))


@pytest.mark.parametrize("days", [(4, 1), ()], ids=["range", "full"])
def test_failing_day_of_several_holds_its_own_kpis_and_the_others_go_on(two_days, received, days):
    spoil(3)
    run = build(*(day(days_ago) for days_ago in days))
    assert (run.status, run.held_days) == ("done", [day_number(day(3))])
    assert "Purchases without order or amount" in run.problem
    assert [metric.date for metric in DailyMetric.objects.all()] == [day(2)]
    assert FactEvent.objects.filter(day=day_number(day(3))).count() == 2
    assert report("funnel.csv", dataset=received, day=day(2))
    with pytest.raises(Conflict, match="Purchases without order or amount"):
        report("funnel.csv", dataset=received, day=day(3))
    mend(3)
    build(day(3))
    assert CohortWeek.objects.count()
    mended = kpis()
    build()
    assert kpis() == mended


@pytest.mark.parametrize("days", [(4, 1), ()], ids=["range", "full"])
def test_day_with_an_unknown_event_keeps_its_facts_while_the_others_are_built(two_days, days):
    build(day(3))
    facts = list(FactEvent.objects.filter(day=day_number(day(3))).values_list("at_ms", "event"))
    spoil(3, "update experiment.experiments_event set name = 'teleport'", name="page_view")
    run = build(*(day(days_ago) for days_ago in days))
    assert (run.status, run.held_days) == ("done", [day_number(day(3))])
    assert list(FactEvent.objects.filter(day=day_number(day(3))).values_list("at_ms", "event")) == facts
    assert FactEvent.objects.filter(day=day_number(day(2))).count() == 2


def test_stretches_are_taken_out_of_a_range():
    scope = scope_of(Dataset.objects.get(pk=1)).within(10, 20)

    def left(*held):
        return [(piece.first_day, piece.last_day) for piece in without(scope, held)]

    assert left() == [(10, 20)]
    assert left((12, 13), (13, 15)) == [(10, 11), (16, 20)]
    assert left((5, 10), (20, 30)) == [(11, 19)]
    assert left((1, 2), (40, 50)) == [(10, 20)]
    assert left((5, 30)) == []


def kpis():
    """Return the rows of the KPIs that weeks and look-backs count in."""
    return [
        sorted(model.objects.filter(dataset_id=1).values_list(*names))
        for model, names in (
            (DailyMetric, ("day", "visitors", "orders")),
            (CohortWeek, ("cohort_day", "week_day", "visitors", "buyers")),
            (CrmTarget, ("day", "rule_id", "visitor", "rank")),
        )
    ]


def test_unknown_event_holds_the_marts(two_days):
    spoil(3, "update experiment.experiments_event set name = 'teleport'", name="page_view")
    run = build(day(3))
    assert (stages_of(run)["gate_raw"], stages_of(run)["facts"]) == ("held", "held")


def test_other_datasets_are_not_held(two_days, received):
    spoil(3)
    build(day(3))
    everything = {"first_day": 0, "last_day": day_number(day(0))}
    assert open_failures("exports", dataset_id=received.pk, **everything)
    assert not open_failures("exports", dataset_id=99, **everything)


def test_failure_at_the_end_holds_exports_only(two_days, received):
    build(day(3))
    with connection.cursor() as cursor:
        cursor.execute("update warehouse.analytics_dailymetric set buyers = 99")
    ask_again("rates_out_of_range", day(3), received)
    number = day_number(day(3))
    assert [f.check for f in open_failures("exports", dataset_id=1, first_day=number, last_day=number)] == [
        "rates_out_of_range"
    ]
    assert not open_failures("decisions", dataset_id=1, first_day=number, last_day=number)
    assert build(day(2)).status == "done"


def ask_again(check, wanted, received, actor=None):
    run = GateRun.objects.create(
        dataset=received,
        check_name=check,
        first_day=day_number(wanted),
        last_day=day_number(wanted),
        requested_by=actor,
    )
    return run_requested(run)


def test_repaired_day_is_let_go_by_running_the_check_again(two_days, received, analyst):
    spoil(3)
    held = build(day(3))
    mend(3)
    run_requested(request_checks(dataset=received, check="purchase_integrity", day=day_number(day(3)), actor=analyst))
    assert not CheckFailure.objects.filter(check_name="purchase_integrity").exists()
    assert run_build(resume_build(held, actor=analyst)).status == "done"
    assert report("funnel.csv", dataset=received, day=day(3))
    assert AuditEntry.objects.get(action="quality.rerun").object_key == "purchase_integrity"


def test_events_that_come_while_today_is_built_hold_nothing(received):
    record(events=[event("page_view", "anna", timezone.now(), page="home")])
    build(day(0))
    record(events=[event("page_view", "late", timezone.now(), page="home")])
    for check in ("raw_equals_loaded", "loaded_equals_facts"):
        ask_again(check, day(0), received)
    assert not CheckFailure.objects.filter(severity="block").exists()


def test_run_that_is_done_is_not_run_again(two_days, received):
    run = ask_again("event_domain", day(3), received)
    run_requested(run)
    assert CheckResult.objects.filter(run=run).count() == 1


def test_unknown_check_is_refused(received, analyst):
    with pytest.raises(NotFound):
        request_checks(dataset=received, check="nothing", day=None, actor=analyst)
    with pytest.raises(NotFound):
        request_checks(dataset=received, check="lines_equal_raw_and_rejected", day=None, actor=analyst)


def test_only_an_admin_accepts_and_only_as_bad_as_it_is(two_days, received, lead, admin):
    spoil(3)
    held = build(day(3))
    failure = {"dataset": received, "check": "purchase_integrity", "day": day_number(day(3))}
    with pytest.raises(Forbidden):
        accept(**failure, reason="I want to.", actor=lead)
    with pytest.raises(Invalid):
        accept(**failure, reason=" ", actor=admin)
    with pytest.raises(NotFound):
        accept(dataset=received, check="purchase_integrity", day=day_number(day(2)), reason="x", actor=admin)
    accept(**failure, reason="A test order.", actor=admin)
    assert run_build(resume_build(held, actor=admin)).status == "done"
    entry = AuditEntry.objects.get(action="quality.accept")
    assert (entry.note, entry.after["rows"], entry.after["day"]) == ("A test order.", 1, str(day(3)))
    assert build(day(3)).status == "done"
    record(events=[event("purchase", "ben", noon(3), 5000, order="ben")])
    spoil(3)
    assert build(day(3)).status == "held"


@pytest.fixture
def stopped(winner, started, analyst):
    lifecycle.stop(started.experiment, actor=analyst)
    return started


def touching():
    return [failure.check for failure in failures_touching(get_run_design(KEY))]


def clean_build():
    """Build the days of the experiment; that the test's units are not where the hash puts them is left out."""
    build(day(5), day(0))
    CheckFailure.objects.filter(check_name="exposures_not_assigned").delete()


def test_decisions_are_refused_with_rows_and_no_override(stopped, lead):
    clean_build()
    assert touching() == []
    spoil(4)
    clean_build()
    for move in (
        lambda: decisions.adopt(
            KEY, run_number=1, variant="discount", expected_revision=1, reasons=WRITTEN, actor=lead
        ),
        lambda: decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=lead),
    ):
        with pytest.raises(Conflict, match=r"(?s)Purchases without order or amount.*unit=") as caught:
            move()
        assert "Quality gates hold decisions" in caught.value.message
    assert not Decision.objects.exists()


def test_decision_is_taken_once_the_rows_are_mended(stopped, lead, received):
    spoil(4)
    clean_build()
    assert touching() == ["purchase_integrity"]
    with connection.cursor() as cursor:
        cursor.execute(
            "update experiment.experiments_event set properties = jsonb_build_object('order', event_id::text)"
            " where name = 'purchase'"
        )
    for days_ago in range(6):
        ask_again("purchase_integrity", day(days_ago), received)
    decisions.reject(KEY, run_number=1, reasons=WRITTEN, actor=lead)
    assert Decision.objects.exists()


def test_failure_of_other_days_or_events_does_not_touch_the_run(stopped, received):
    record(
        events=[event("refund", "anna", noon(2), 100, order="none"), event("purchase", "old", noon(20), 1, order="x")]
    )
    spoil(20)
    build(day(20))
    clean_build()
    assert set(CheckFailure.objects.filter(severity="block").values_list("check_name", "event")) == {
        ("purchase_integrity", "purchase"),
        ("refund_without_order", "refund"),
    }
    assert touching() == []


def test_wrong_variants_touch_their_own_run_only(stopped, lead):
    build(day(5), day(0))
    assert set(touching()) == {"exposures_not_assigned"}
    CheckFailure.objects.update(run_id=99)
    assert touching() == []


def alerts_of(person):
    return list(Notification.objects.filter(user=person, kind="quality").order_by("id").values_list("text", flat=True))


def test_owners_are_told_once_when_it_fails_and_once_when_it_passes_again(two_days, received, analyst, viewer):
    spoil(3)
    spoil(2)
    for _time in range(2):
        build(day(3))
    build(day(2))
    told = [text for text in alerts_of(analyst) if "Purchases without order or amount" in text]
    assert len(told) == 1
    assert "holds what depends on it" in told[0]
    mend(3)
    ask_again("purchase_integrity", day(3), received)
    assert len([text for text in alerts_of(analyst) if "Purchases without order or amount" in text]) == 1
    spoil(2, "update experiment.experiments_event set properties = jsonb_build_object('order', 'other')")
    ask_again("purchase_integrity", day(2), received)
    told = [text for text in alerts_of(analyst) if "Purchases without order or amount" in text]
    assert told[1:] == ["Purchases without order or amount passes again on Received events."]
    assert alerts_of(viewer) == []


def test_page_shows_rows_what_to_do_and_lets_an_analyst_ask_again(two_days, client, analyst, viewer):
    spoil(3)
    build(day(3))
    client.force_login(viewer)
    page = client.get("/data/quality/").content.decode()
    assert "Purchases without order or amount" in page
    assert "Compare with the book of orders" in page
    assert "Check this day again" not in page
    client.force_login(analyst)
    assert "Check this day again" in client.get("/data/quality/").content.decode()
    mend(3)
    answer = client.post("/data/quality/purchase_integrity/run/", {"dataset": "received", "day": str(day(3))})
    assert answer.status_code == 302
    assert GateRun.objects.get(check_name="purchase_integrity").requested_by == analyst
    assert client.post("/data/quality/purchase_integrity/run/", {"day": "soon"}).status_code == 422
    assert client.post("/data/quality/purchase_integrity/run/", {"dataset": "none"}).status_code == 404
    assert client.post("/data/quality/purchase_integrity/accept/", {"day": str(day(3))}).status_code == 403


def test_admin_accepts_on_the_page(two_days, client, admin):
    spoil(3)
    build(day(3))
    client.force_login(admin)
    sent = {"dataset": "received", "day": str(day(3)), "reason": "A test order."}
    assert client.post("/data/quality/purchase_integrity/accept/", sent).status_code == 302
    assert "Accepted because" in client.get("/data/quality/").content.decode()


def test_results_and_overview_say_that_a_gate_holds(stopped, client, lead):
    clean_build()
    client.force_login(lead)
    pages = (f"/experiments/{KEY}/results/", f"/experiments/{KEY}/results/decide/")
    for address in pages:
        assert "Purchases without order or amount" not in client.get(address).content.decode()
    spoil(4)
    clean_build()
    for address in pages:
        page = client.get(address).content.decode()
        assert "Quality gates hold decisions" in page
        assert "Purchases without order or amount" in page
    assert "Purchases without order or amount" in client.get("/").content.decode()
