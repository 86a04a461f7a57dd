"""The made-up past: right sizes and rates, the same for the same seed, byte for byte."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from novarium.kernel.errors import Conflict
from simulation import customers, history
from simulation.models import Customer, CustomerOrder, HistoryEvent
from simulation.personas import DEFAULT_MIX, PERSONAS, shares

END = date(2025, 6, 1)


@pytest.fixture
def raw(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / "raw"


@pytest.fixture
def shop_sells(db):
    call_command("seed_shop", verbosity=0)


def test_customers_and_orders_have_the_sizes_asked_for(db, raw):
    written = customers.make(seed=3, end=END)
    assert written.customers == Customer.objects.count() == 1000
    assert written.orders == CustomerOrder.objects.count()
    assert abs(written.orders - 10_000) < 500
    joined = Customer.objects.order_by("joined_at").values_list("joined_at", flat=True)
    assert (joined[999] - joined[0]).days in range(85, 91)
    korean = list(Customer.objects.filter(locale="ko_KR").values_list("name", flat=True))
    assert all("가" <= name[0] <= "힣" for name in korean)
    assert len(korean) == 700


def test_nobody_orders_before_joining(db, raw):
    customers.make(seed=3, end=END)
    with connection.cursor() as cursor:
        cursor.execute(
            """select count(*) from warehouse.simulation_customerorder as o
               join warehouse.simulation_customer as c on c.number = o.customer_id where o.placed_at < c.joined_at"""
        )
        assert cursor.fetchone() == (0,)


def test_history_has_the_rates_and_the_crisis(shop_sells, raw):
    written = history.make(seed=3, end=END)
    assert abs(written.visits - 15_000) < 600
    with connection.cursor() as cursor:
        cursor.execute(
            """select occurred_at >= '2025-05-29 00:00+09' as crisis,
                   count(*) filter (where name = 'page_view' and properties ->> 'page' = 'home') as home,
                   count(*) filter (
                       where name = 'click' and properties ->> 'component' in ('hero', 'categories')) as led,
                   count(*) filter (where name = 'purchase') as orders
               from warehouse.simulation_historyevent group by 1 order by 1"""
        )
        rows = cursor.fetchall()
    usual, crisis = rows
    for (_crisis, home, led, orders), ctr in ((usual, 0.15), (crisis, 0.04)):
        visits = home - led  # the hero and the categories show the home page again
        assert orders / visits == pytest.approx(ctr * 0.2, abs=0.006)


@pytest.mark.parametrize(("ctr", "buy"), [(0.15, 0.2), (0.04, 0.2)])
def test_past_probabilities_solve_for_the_rates_asked_for(ctr, buy):
    rows = history.past_chances(ctr=ctr, buy=buy)
    mix = shares(DEFAULT_MIX)
    clicks = sum(share * row.click for share, row in zip(mix, rows, strict=True))
    orders = sum(
        share * row.click * persona.reach * row.cart * row.checkout
        for share, row, persona in zip(mix, rows, PERSONAS, strict=True)
    )
    assert (clicks, orders / clicks) == pytest.approx((ctr, buy), abs=1e-9)


def test_the_same_seed_gives_the_same_files_byte_for_byte(shop_sells, raw):
    def files():
        customers.make(seed=5, end=END)
        history.make(seed=5, end=END)
        return {path.name: path.read_bytes() for path in raw.iterdir()}

    first = files()
    assert set(first) == {"users.csv", "orders.csv", "ab_test_logs.csv"}
    count = HistoryEvent.objects.count()
    assert files() == first
    assert HistoryEvent.objects.count() == count
    history.make(seed=6, end=END)
    assert (raw / "ab_test_logs.csv").read_bytes() != first["ab_test_logs.csv"]


def test_history_lies_in_its_thirty_days(shop_sells, raw):
    history.make(seed=3, end=END)
    moments = HistoryEvent.objects.order_by("occurred_at").values_list("occurred_at", flat=True)
    assert moments[0] >= datetime(2025, 5, 1, 15, tzinfo=UTC)  # midnight in Seoul
    assert moments[len(moments) - 1] < datetime(2025, 5, 31, 15, 15, tzinfo=UTC)


def test_a_shop_that_sells_nothing_has_no_history(db, raw):
    with pytest.raises(Conflict):
        history.make(seed=1, end=END)


def test_the_commands_say_what_they_wrote(shop_sells, raw, capsys):
    call_command("make_users", seed=2, end=END)
    call_command("make_history", seed=2, end=END)
    said = capsys.readouterr().out
    assert "1,000 customers with" in said
    assert "visits with" in said
