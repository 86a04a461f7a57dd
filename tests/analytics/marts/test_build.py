"""A small day built by hand, the border of midnight in Seoul, and builds that can be repeated."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from analytics.marts.catalogue import load_models, sql_models
from analytics.marts.facts import build_whole
from analytics.marts.runs import build, request_build, resume_build, run_build
from analytics.marts.schedule import NAME, install_schedule
from analytics.marts.scope import scope_of
from analytics.models import DailyMetric, MartRun, UserStat, VisitorDay
from analytics.tasks import build_yesterday
from experiments.public import record
from novarium.kernel.errors import Invalid
from novarium.portal.models import AuditEntry
from storefront.models import Order, Restaurant
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 4)
MIDNIGHT = datetime(2026, 5, 3, 15, tzinfo=UTC)  # 00:00 on 4 May in Seoul


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


@pytest.fixture
def small_day(db):
    """Three visitors: one buys twice in one visit, one clicks and comes back, one leaves at once."""
    record(
        events=[
            event("page_view", "anna", at(10), page="home"),
            event("click", "anna", at(10.01), component="hero"),
            event("page_view", "anna", at(10.02), page="restaurant"),
            event("purchase", "anna", at(10.1), 20000, order="a"),
            event("purchase", "anna", at(10.2), 10000, order="b"),
            event("page_view", "ben", at(9), page="home"),
            event("click", "ben", at(9.1), component="hero"),
            event("page_view", "ben", at(12), page="home"),
            event("impression", "cho", at(13), component="hero"),
            event("page_view", "cho", at(13), page="home"),
            event("refund", "anna", at(20), 10000, order="b"),
        ]
    )


def visitors_by_day():
    return {day.date: day.visitors for day in DailyMetric.objects.all()}


def test_small_day_by_hand(small_day):
    build(DAY)
    day = DailyMetric.objects.get()
    assert (day.date, day.visitors, day.sessions, day.page_views) == (DAY, 3, 5, 5)
    assert (day.clickers, day.buyers, day.orders) == (2, 1, 2)
    assert (day.revenue, day.refunded) == (30000, 10000)
    assert day.bounces == 2  # ben's second visit and cho's; anna's refund at 20:00 is a session of its own, no bounce
    assert day.kpi("ctr") == pytest.approx(2 / 3)
    assert day.kpi("cvr") == pytest.approx(1 / 3)
    assert day.kpi("click_cvr") == pytest.approx(1 / 2)
    assert (day.kpi("aov"), day.kpi("arpu")) == (15000, 10000)
    assert day.kpi("session_depth") == pytest.approx(1)
    assert day.kpi("bounce_rate") == pytest.approx(2 / 5)


def test_day_begins_and_ends_at_midnight_in_seoul(db):
    record(
        events=[
            event("page_view", "before", MIDNIGHT - timedelta(microseconds=1), page="home"),
            event("page_view", "first", MIDNIGHT, page="home"),
            event("page_view", "last", at(24) - timedelta(microseconds=1), page="home"),
            event("page_view", "after", at(24), page="home"),
        ]
    )
    build(DAY)
    assert visitors_by_day() == {DAY: 2}
    build()
    assert visitors_by_day() == {
        DAY - timedelta(days=1): 1,
        DAY: 2,
        DAY + timedelta(days=1): 1,
    }


def test_visit_across_midnight_is_two_sessions_whether_built_by_day_or_in_full(db):
    record(events=[event("page_view", "owl", at(23.9), page="home"), event("page_view", "owl", at(24.1), page="home")])
    build(DAY)
    build(DAY + timedelta(days=1))
    by_day = list(DailyMetric.objects.order_by("day").values())
    build()
    assert list(DailyMetric.objects.order_by("day").values()) == by_day
    assert [day["sessions"] for day in by_day] == [1, 1]


def test_half_an_hour_of_silence_begins_a_session(db):
    moments = (10, 10.5, 10.5 + 0.5 + 1 / 3600)
    record(events=[event("page_view", "anna", at(hour), page="home") for hour in moments])
    build(DAY)
    assert DailyMetric.objects.get().sessions == 2


def test_building_again_leaves_the_same_rows(small_day):
    build(DAY)
    before = [list(model.objects.order_by("pk").values()) for model in (DailyMetric, UserStat, VisitorDay)]
    build(DAY)
    build()
    assert [list(model.objects.order_by("pk").values()) for model in (DailyMetric, UserStat, VisitorDay)] == before


def test_late_events_are_in_after_the_day_is_built_again(small_day):
    build(DAY)
    record(events=[event("page_view", "late", at(15), page="home")])
    build(DAY)
    assert DailyMetric.objects.get().visitors == 4


def test_day_without_events_has_no_row(small_day):
    build(DAY - timedelta(days=5))
    assert not DailyMetric.objects.exists()


@pytest.fixture
def orders(db):
    """Buyers of every segment; today is the last day on which anybody was there."""
    restaurant = Restaurant.objects.first() or make_restaurant()
    now = at(12)

    def order(unit, days_ago, amount=10000):
        number = f"{unit}-{days_ago}"
        placed = now - timedelta(days=days_ago)
        Order.objects.create(
            number=number,
            unit_id=unit,
            restaurant=restaurant,
            placed_at=placed,
            promised_at=placed + timedelta(minutes=40),
            items=1,
            subtotal=amount,
            delivery_fee=0,
            total=amount,
            place="home",
            payment="card",
            cart_token=number,
        )

    for days_ago in (1, 2, 3, 4, 5):
        order("champion", days_ago)
    for days_ago in (10, 20):
        order("loyal", days_ago)
    order("new", 30)
    order("at-risk", 31)
    order("lost", 61)
    record(events=[event("page_view", "browser", now, page="home")])


def make_restaurant():
    call_command("seed_shop", verbosity=0)
    return Restaurant.objects.first()


def test_segments_by_orders_and_recency(orders):
    build()
    found = {stat.unit_id: (stat.segment, stat.orders, stat.recency_days) for stat in UserStat.objects.all()}
    assert found == {
        "champion": ("champion", 5, 1),
        "loyal": ("loyal", 2, 10),
        "new": ("new", 1, 30),
        "at-risk": ("at_risk", 1, 31),
        "lost": ("lost", 1, 61),
        "browser": ("browser", 0, None),
    }
    champion = UserStat.objects.get(unit_id="champion")
    assert (champion.spend, champion.active_days, champion.as_of) == (Decimal(50000), 5, DAY)


def test_run_is_logged_with_rows_and_seconds(small_day, analyst):
    run = run_build(request_build(first=DAY, actor=analyst))
    assert (run.status, run.target_date, run.requested_by) == ("done", DAY, analyst)
    stages = {stage.name: stage for stage in run.stages.all()}
    assert stages["daily_metrics"].rows == 1
    assert {step["name"]: step["rows"] for step in stages["facts"].steps}["fact_events"] == 11
    assert {stage.status for stage in stages.values()} == {"done"}
    assert run.seconds > 0
    assert AuditEntry.objects.get(action="marts.build").object_key == str(DAY)


def test_finished_run_is_not_built_again(small_day):
    run = run_build(request_build(first=DAY))
    finished = run.finished_at
    assert run_build(MartRun.objects.get(pk=run.pk)).finished_at == finished


@pytest.fixture
def broken_funnel(db):
    """The table of the funnel takes no row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "alter table warehouse.analytics_funnelday add constraint broken check (visitors > 99) not valid"
        )
    return "alter table warehouse.analytics_funnelday drop constraint broken"


def test_failed_build_says_where_and_goes_on_from_there(small_day, broken_funnel, analyst):
    run = request_build(first=DAY)
    with pytest.raises(DatabaseError):
        run_build(run)
    run.refresh_from_db()
    assert (run.status, run.problem.split(":")[0]) == ("failed", "funnel_daily")
    assert "broken" in run.problem
    stages = {stage.name: (stage.status, stage.started_at) for stage in run.stages.all()}
    assert (stages["facts"][0], stages["funnel_daily"][0], stages["crm_targets"][0]) == ("done", "failed", "waiting")
    with connection.cursor() as cursor:
        cursor.execute(broken_funnel)
    assert run_build(resume_build(run, actor=analyst)).status == "done"
    again = {stage.name: (stage.status, stage.started_at) for stage in run.stages.all()}
    assert again["facts"] == stages["facts"]
    assert {status for status, _at in again.values()} == {"done"}


def test_a_build_killed_when_its_tables_stood_in_place_builds_them_once_more(small_day):
    run = build()
    before = list(VisitorDay.objects.order_by("pk").values())
    build_whole(scope_of(run.dataset), build=run.pk, shards=1)
    assert list(VisitorDay.objects.order_by("pk").values()) == before


def test_future_day_is_refused(db):
    with pytest.raises(Invalid):
        request_build(first=timezone.localdate() + timedelta(days=1), actor=None)
    assert not MartRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_builds_at_the_same_time_leave_the_same_rows(small_day):
    problems = []

    def attempt(day):
        try:
            build(day)
        except DatabaseError as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(day,)) for day in (DAY, DAY, None, DAY + timedelta(days=1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert DailyMetric.objects.get().visitors == 3
    assert UserStat.objects.count() == 3


def test_schedule_is_nine_in_the_morning_and_installed_once(db):
    install_schedule()
    task = install_schedule()
    assert (task.name, task.task) == (NAME, build_yesterday.name)
    assert (task.crontab.hour, task.crontab.minute, str(task.crontab.timezone)) == ("9", "0", "Asia/Seoul")


def test_scheduled_task_builds_the_last_whole_day(db):
    noon = timezone.localtime().replace(hour=12) - timedelta(days=1)
    record(events=[event("page_view", "anna", noon, page="home")])
    build_yesterday()
    assert list(visitors_by_day()) == [timezone.localdate() - timedelta(days=1)]


@pytest.mark.parametrize("arguments", [["--date", "2026-13-01"], ["--date", "tomorrow"], ["--date", "2999-01-01"]])
def test_command_refuses_a_bad_day(db, arguments):
    with pytest.raises(CommandError):
        call_command("build_marts", *arguments)


def test_command_builds_a_day(small_day, capsys):
    call_command("build_marts", "--date", str(DAY))
    assert "daily_metrics" in capsys.readouterr().out
    assert DailyMetric.objects.exists()


def test_every_model_states_grain_key_and_sources():
    for model in (*sql_models(), *load_models()):
        assert model.grain, model.path
        assert model.key, model.path
        assert model.reads, model.path
        assert model.description, model.path


@pytest.mark.parametrize(
    "model", [m for m in sql_models() if m.replaced_by != "always" and m.table], ids=lambda m: m.name
)
def test_dictionary_names_every_column_of_a_mart(db, model):
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_schema || '.' || table_name = %s",
            [model.table],
        )
        columns = {row[0] for row in cursor.fetchall()}
    assert {*model.columns, "dataset_id"} == columns
