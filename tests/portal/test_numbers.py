from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from novarium.portal import numbers


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, None, "0"),
        (1234567, None, "1,234,567"),
        (-3, None, "−3"),
        (2.5, None, "2.5"),
        (2, 2, "2.00"),
        (0.25, 0, "0"),
    ],
)
def test_number_in_english(value, digits, text):
    assert numbers.number(value, digits=digits) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.043, "+4.3%"), (-0.021, "−2.1%"), (0, "0.0%"), (0.0001, "0.0%"), (-0.0001, "0.0%"), (12, "+1,200.0%")],
)
def test_signed_percent_has_a_sign_unless_it_rounds_to_zero(share, text):
    assert numbers.signed_percent(share) == text


@pytest.mark.parametrize("write", [numbers.number, numbers.percent, numbers.signed_percent, numbers.money])
@pytest.mark.parametrize("missing", [None, float("nan"), float("inf"), Decimal("nan")])
def test_what_is_not_a_number_is_a_dash(write, missing):
    assert write(missing) == "–"


def test_money_in_english():
    assert numbers.money(18750) == "₩18,750"
    assert numbers.money(-1200, signed=True) == "−₩1,200"
    assert numbers.money(Decimal("1200.4"), signed=True) == "+₩1,200"
    assert numbers.money(-0.2) == "₩0"


def test_money_in_korean(korean):
    assert numbers.money(18750) == "18,750원"
    assert numbers.money(-1200) == "−1,200원"


def test_moment_is_in_the_reporting_time_zone():
    assert numbers.moment(datetime(2026, 1, 31, 15, 5, tzinfo=UTC)) == "1 Feb 2026, 00:05"


def test_moment_in_korean(korean):
    assert numbers.moment(datetime(2026, 1, 31, 15, 5, tzinfo=UTC)) == "2026-02-01 00:05"


def test_a_day_in_a_table_and_in_a_sentence():
    assert numbers.day(date(2026, 11, 6)) == "6 Nov 2026"
    assert numbers.day(date(2026, 11, 6), long=True) == "6 November 2026"


def test_a_day_in_korean(korean):
    assert numbers.day(date(2026, 11, 6)) == "2026-11-06"
    assert numbers.day(date(2026, 11, 6), long=True) == "2026년 11월 6일"


def test_ago_looks_both_ways():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert numbers.ago(now - timedelta(minutes=5), now=now) == "5 minutes ago"
    assert numbers.ago(now + timedelta(days=2), now=now) == "in 2 days"


@given(st.floats(min_value=-1e9, max_value=1e9))
def test_signed_percents_of_opposite_numbers_differ_in_the_sign_only(share):
    assert numbers.signed_percent(share).lstrip("+−") == numbers.signed_percent(-share).lstrip("+−")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_django_writes_moments_as_the_portal_does(language):
    at = datetime(2026, 11, 6, 5, 7, tzinfo=UTC)
    with override(language):
        assert date_format(timezone.localtime(at), "DATETIME_FORMAT") == numbers.moment(at)
        assert date_format(timezone.localtime(at), "SHORT_DATE_FORMAT") == numbers.day(timezone.localdate(at))
