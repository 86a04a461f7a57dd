"""Three days of a log, every row of every table worked out by hand; and the same by the day, in full, and on DuckDB.

The 25th of October 2026 has 25 hours in Paris: at three o'clock it is two again.
"""

from datetime import date

import pytest
from django.db import connection

from analytics.marts.catalogue import sql_models
from analytics.marts.runs import build, request_build, run_build
from analytics.marts.zone import day_number
from analytics.models import CrmRule
from tests.analytics.marts.logs import add_categories, add_events, add_item_categories, clock, retailrocket

pytestmark = pytest.mark.django_db

ZONE = "Europe/Paris"
SATURDAY, SUNDAY, TUESDAY = date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 27)
SAT, SUN, TUE = map(day_number, (SATURDAY, SUNDAY, TUESDAY))
WEEK, NEXT_WEEK = day_number(date(2026, 10, 19)), day_number(date(2026, 10, 26))
MIDDAY = "2026-10-25 12:0"


def at(text, *, fold=0):
    return clock(text, ZONE, fold=fold)


EVENTS = [
    # Visitor 1: 30 minutes to the millisecond are one session, a millisecond more begins another.
    (at("2026-10-25 10:00:00.000"), 1, "view", 11, None),
    (at("2026-10-25 10:30:00.000"), 1, "view", 11, None),
    (at("2026-10-25 11:00:00.001"), 1, "addtocart", 12, None),
    # Visitor 2: a millisecond over midnight is another day, and so another session.
    (at("2026-10-24 23:59:59.999"), 2, "view", 11, None),
    (at("2026-10-25 00:00:00.000"), 2, "view", 11, None),
    # Visitor 3: one event.
    (at("2026-10-25 09:00:00.000"), 3, "view", 13, None),
    # Visitor 4: the clock shows 02:30 twice, an hour apart; the day's last millisecond is in its 25th hour.
    (at("2026-10-25 02:30:00.000"), 4, "view", 13, None),
    (at("2026-10-25 02:30:00.000", fold=1), 4, "view", 13, None),
    (at("2026-10-25 23:59:59.999"), 4, "view", 13, None),
    # Visitor 5: a line of an order comes twice; another line has the same order; two days later there is a new one.
    (at(MIDDAY + "0:00.000"), 5, "view", 11, None),
    (at(MIDDAY + "1:00.000"), 5, "addtocart", 11, None),
    (at(MIDDAY + "2:00.000"), 5, "transaction", 11, 900),
    (at(MIDDAY + "2:00.000"), 5, "transaction", 11, 900),
    (at(MIDDAY + "5:00.000"), 5, "transaction", 13, 900),
    (at("2026-10-27 08:00:00.000"), 5, "view", 13, None),
    (at("2026-10-27 08:01:00.000"), 5, "transaction", 13, 901),
]
LATE = [(at("2026-10-24 09:20:00.000"), 3, "view", 11, None)]
ITEMS = [
    (at("2026-10-20 10:00:00.000"), 11, 7),
    (at("2026-10-26 10:00:00.000"), 11, 8),  # Sunday must not know
    (at("2026-10-26 10:00:00.000"), 12, 8),
    (at("2026-10-25 18:00:00.000"), 13, 9),
]
CATEGORIES = [(1, None), (7, 1), (8, None), (9, None)]


@pytest.fixture
def dataset(db):
    dataset = retailrocket("hand", zone=ZONE)
    add_events(dataset, EVENTS)
    add_item_categories(dataset, ITEMS)
    add_categories(dataset, CATEGORIES)
    return dataset


@pytest.fixture(autouse=True)
def rules(db):
    """A cart and no order today; three views in a week and no cart; two orders in a month."""
    CrmRule.objects.all().delete()
    return {
        "cart": CrmRule.objects.create(key="cart", name="Cart", days=1, least_carts=1, most_orders=0).pk,
        "views": CrmRule.objects.create(key="views", name="Views", days=7, least_views=3, most_carts=0).pk,
        "orders": CrmRule.objects.create(key="orders", name="Orders", days=30, least_orders=2).pk,
    }


def rows(dataset, name, *columns):
    """Return a table's rows of the dataset: these columns, or all of them, sorted."""
    model = next(model for model in sql_models() if model.name == name)
    names = ", ".join(columns or model.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"select {names} from {model.table} where dataset_id = {dataset.pk}")  # noqa: S608
        return sorted(cursor.fetchall(), key=lambda row: tuple((value is None, value) for value in row))


def everything(dataset):
    kept = [model.name for model in sql_models() if model.table and model.replaced_by != "always"]
    return {name: rows(dataset, name) for name in kept}


@pytest.fixture
def built(dataset):
    build(dataset=dataset)
    return dataset


def test_sessions(built):
    assert rows(built, "fact_sessions", "day", "visitor", "session", "events", "page_views", "interactions") == [
        (SAT, 2, 1, 1, 1, 0),
        (SUN, 1, 1, 2, 2, 0),
        (SUN, 1, 2, 1, 0, 1),
        (SUN, 2, 1, 1, 1, 0),
        (SUN, 3, 1, 1, 1, 0),
        (SUN, 4, 1, 1, 1, 0),
        (SUN, 4, 2, 1, 1, 0),
        (SUN, 4, 3, 1, 1, 0),
        (SUN, 5, 1, 4, 1, 3),
        (TUE, 5, 1, 2, 1, 1),
    ]
    first = rows(built, "fact_sessions", "day", "visitor", "session", "began_ms", "ended_ms")[1]
    assert first == (SUN, 1, 1, at("2026-10-25 10:00:00.000"), at("2026-10-25 10:30:00.000"))


def test_facts_keep_every_event_once(built):
    assert len(rows(built, "fact_events")) == len(EVENTS) - 1
    lines = rows(built, "fact_events", "event", "visitor", "item", "transaction", "day", "session")
    assert lines[-3:] == [
        ("purchase", 5, 11, 900, SUN, 1),
        ("purchase", 5, 13, 900, SUN, 1),
        ("purchase", 5, 13, 901, TUE, 1),
    ]


def test_visitors(built):
    columns = ("visitor", "orders", "spend_minor", "first_day", "last_day", "active_days", "first_purchase_day")
    assert rows(built, "dim_visitor", *columns, "last_order_day") == [
        (1, 0, 0, SUN, SUN, 1, None, None),
        (2, 0, 0, SAT, SUN, 2, None, None),
        (3, 0, 0, SUN, SUN, 1, None, None),
        (4, 0, 0, SUN, SUN, 1, None, None),
        (5, 2, 0, SUN, TUE, 2, SUN, TUE),
    ]


def test_items_and_categories_as_they_were(built):
    last = 2932897
    assert rows(built, "dim_item", "item", "category", "from_day", "until_day") == [
        (11, 7, SUN - 5, SUN + 1),
        (11, 8, SUN + 1, last),
        (12, 8, SUN + 1, last),
        (13, 9, SUN, last),
    ]
    assert rows(built, "dim_category", "category", "parent", "root", "depth") == [
        (1, None, 1, 0),
        (7, 1, 1, 1),
        (8, None, 8, 0),
        (9, None, 9, 0),
    ]


def test_daily_metrics(built):
    columns = ("day", "visitors", "sessions", "page_views", "clickers", "carters", "buyers", "orders", "bounces")
    assert rows(built, "daily_metrics", *columns) == [
        (SAT, 1, 1, 1, 0, 0, 0, 0, 1),
        (SUN, 5, 8, 8, 0, 2, 1, 1, 5),
        (TUE, 1, 1, 1, 0, 0, 1, 1, 0),
    ]


def test_funnels(built):
    columns = ("visitors", "viewers", "carters", "buyers")
    assert rows(built, "funnel_daily", "day", *columns, "viewing_carters", "viewing_carting_buyers") == [
        (SAT, 1, 1, 0, 0, 0, 0),
        (SUN, 5, 5, 2, 1, 2, 1),
        (TUE, 1, 1, 0, 1, 0, 0),
    ]
    assert rows(built, "funnel_category_daily", "day", "category", "root", *columns, "views", "carts", "purchases") == [
        (SAT, 7, 1, 1, 1, 0, 0, 1, 0, 0),
        (SUN, -1, -1, 1, 0, 1, 0, 0, 1, 0),
        (SUN, 7, 1, 3, 3, 1, 1, 4, 1, 1),
        (SUN, 9, 9, 3, 2, 0, 1, 4, 0, 1),
        (TUE, 9, 9, 1, 1, 0, 1, 1, 0, 1),
    ]


def test_cohorts(built):
    assert rows(built, "cohort_weekly", "cohort_day", "week_day", "visitors", "buyers", "reorderers") == [
        (WEEK, WEEK, 5, 1, 0),
        (WEEK, NEXT_WEEK, 1, 1, 1),
    ]


def test_crm_targets(built, rules):
    columns = ("day", "rule_id", "visitor", "rank", "page_views", "carts", "orders")
    assert rows(built, "crm_targets", *columns) == sorted(
        [
            (SUN, rules["cart"], 1, 1, 2, 1, 0),
            (SUN, rules["views"], 4, 1, 3, 0, 0),
            (TUE, rules["views"], 4, 1, 3, 0, 0),
            (TUE, rules["orders"], 5, 1, 2, 1, 2),
        ]
    )


def test_user_statistics(built):
    assert rows(built, "user_stats", "visitor", "orders", "recency_days", "segment") == [
        (1, 0, None, "browser"),
        (2, 0, None, "browser"),
        (3, 0, None, "browser"),
        (4, 0, None, "browser"),
        (5, 2, 0, "loyal"),
    ]


def test_days_in_any_order_leave_what_a_full_build_does(dataset):
    for day in (TUESDAY, SATURDAY, SUNDAY):
        build(day, dataset=dataset)
    by_day = everything(dataset)
    build(SATURDAY, TUESDAY, dataset=dataset)
    assert everything(dataset) == by_day
    build(dataset=dataset)
    assert everything(dataset) == by_day


def test_late_event_changes_its_day_and_the_cohorts_after_it_as_a_full_build_would(built):
    add_events(built, LATE)
    run = build(SATURDAY, dataset=built)
    after = everything(built)
    assert (3, SAT) in rows(built, "dim_visitor", "visitor", "first_day")
    build(dataset=built)
    assert everything(built) == after
    assert run.affected_weeks == []  # Sunday is in the week of Saturday


def test_first_day_that_moves_to_an_earlier_week_moves_the_cells_of_later_weeks(built):
    add_events(built, [(at("2026-10-16 09:20:00.000"), 5, "view", 11, None)])
    run = build(date(2026, 10, 16), dataset=built)
    after = everything(built)
    assert run.affected_weeks == [WEEK, NEXT_WEEK]
    build(dataset=built)
    assert everything(built) == after


def test_duckdb_leaves_what_postgres_does(built):
    pytest.importorskip("duckdb")
    by_postgres = everything(built)
    run = run_build(request_build(first=None, dataset=built, engine="duckdb"))
    assert run.status == "done"
    assert everything(built) == by_postgres


def test_datasets_leave_each_other_alone(built):
    before = everything(built)
    other = retailrocket("other")
    add_events(other, EVENTS[:3])
    build(dataset=other)
    build(SUNDAY, dataset=other)
    assert everything(built) == before
