"""Events that come after their day was built: which days they make dirty, and what is built again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from analytics.marts.catalogue import sql_models
from analytics.marts.dirty import note_dirty_days, request_dirty_builds
from analytics.marts.runs import build, request_build, run_build
from analytics.marts.zone import day_number
from analytics.models import DirtyDay, ExperimentUnit
from experiments.models import Run
from experiments.public import ExposureInput, record
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db


def noon(days_ago):
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def day_of(days_ago):
    return day_number(noon(days_ago).date())


def everything():
    """Return every kept table of received events."""
    found = {}
    with connection.cursor() as cursor:
        for model in sql_models():
            if model.table and model.replaced_by != "always":
                columns = ", ".join(model.columns)
                cursor.execute(f"select {columns} from {model.table} where dataset_id = 1")  # noqa: S608
                found[model.name] = sorted(cursor.fetchall(), key=repr)
    return found


@pytest.fixture
def history(db):
    """Three visitors over three weeks, built in full."""
    events = []
    for days_ago in range(21, 0, -1):
        for number in range(3):
            if (days_ago + number) % (number + 2) == 0:
                unit, at = f"v{number}", noon(days_ago) + timedelta(minutes=number)
                events.append(event("page_view", unit, at, page="home"))
                if days_ago % 3 == 0:
                    events.append(
                        event("add_to_cart", unit, at + timedelta(minutes=1), dish="d", restaurant="r", quantity=1)
                    )
                if days_ago % 6 == 0:
                    order = f"{unit}-{days_ago}"
                    events.append(event("purchase", unit, at + timedelta(minutes=2), 9000, order=order))
    record(events=events)
    build()


def late():
    """A purchase on a day long built, of a visitor who came later only; and a new visitor a week on."""
    return [
        event("page_view", "v1", noon(25), page="home"),
        event("purchase", "v1", noon(19), 5000, order="late"),
        event("page_view", "newcomer", noon(12), page="home"),
    ]


def test_nothing_is_dirty_after_a_build(history):
    assert note_dirty_days(today=timezone.localdate()) == []


def test_late_events_make_their_days_dirty_once(history):
    record(events=late())
    days = [day_of(25), day_of(19), day_of(12)]
    for _time in range(2):
        assert note_dirty_days(today=timezone.localdate()) == days
    assert list(DirtyDay.objects.values_list("day", "events")) == [(day, 1) for day in days]


def test_late_exposures_make_their_day_dirty_until_it_is_built_again(history, running):
    run = Run.objects.get(experiment=running)
    arm = running.variants.first()
    seen = [ExposureInput(run_id=run.pk, variant_id=arm.pk, unit_id=unit, exposed_at=noon(4)) for unit in ("v0", "new")]
    record(events=[], exposures=seen)
    today = timezone.localdate()
    assert note_dirty_days(today=today) == [day_of(4)]
    assert list(DirtyDay.objects.values_list("events", "exposures")) == [(0, 2)]
    for build_of_day in request_dirty_builds(today=today):
        run_build(build_of_day)
    assert note_dirty_days(today=today) == []
    assert ExperimentUnit.objects.filter(dataset_id=1, run_id=run.pk, day=day_of(4)).count() == 2
    incremental = everything()
    build()
    assert everything() == incremental


def test_building_dirty_days_leaves_what_a_full_recomputation_does(history):
    record(events=late())
    today = timezone.localdate()
    runs = [run_build(run) for run in request_dirty_builds(today=today)]
    assert [(day_number(run.first_date), run.status) for run in runs] == [
        (day_of(days_ago), "done") for days_ago in (25, 19, 12)
    ]
    assert note_dirty_days(today=today) == []
    incremental = everything()
    build()
    assert everything() == incremental


def test_days_that_nothing_came_for_keep_their_rows(history):
    with connection.cursor() as cursor:
        state = "select day, xmin::text from warehouse.analytics_dailymetric where dataset_id = 1 order by day"
        cursor.execute(state)
        before = dict(cursor.fetchall())
        cursor.execute("select ctid::text, day from warehouse.analytics_factevent where dataset_id = 1")
        facts = set(cursor.fetchall())
        record(events=late()[2:])
        for run in request_dirty_builds(today=timezone.localdate()):
            run_build(run)
        cursor.execute("select ctid::text, day from warehouse.analytics_factevent where dataset_id = 1")
        assert {day for _place, day in facts ^ set(cursor.fetchall())} == {day_of(12)}
        cursor.execute("select day from warehouse.analytics_dailymetric where dataset_id = 1")
        assert {day for (day,) in cursor.fetchall()} == set(before)


def test_duckdb_leaves_what_postgres_does_of_received_events(history):
    pytest.importorskip("duckdb")
    before = everything()
    assert run_build(request_build(first=None, engine="duckdb")).status == "done"
    assert everything() == before
