"""The monitor: what happens now, how far it can be trusted, and how experiments stand by tests that may be watched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.live import latest as newest
from analytics.live.reader import Reader
from analytics.models import LiveCheckpoint
from analytics.monitor.health import health
from analytics.monitor.standing import standing_of
from experiments.public import ExposureInput, get_run_design, record
from novarium.monitor_stream import may_read
from tests.analytics.live.conftest import another_connection, read_all
from tests.analytics.traffic import event, store, visitors

pytestmark = pytest.mark.django_db(transaction=True)
HERO = "home-hero-banner"


@pytest.fixture
def traffic(started):
    """Visitors of the last days and of the last minutes, all of them read."""
    counts = {"control": 60, "discount": 62}
    rates = {"control": 0.3, "discount": 0.4}
    store(
        started,
        visitors(started, per_variant=counts, click_rate=rates, order_rate=rates, spend=dict.fromkeys(counts, 20000)),
    )
    run = get_run_design(started.experiment.key)
    at = timezone.now() - timedelta(minutes=12)
    record(
        events=[
            event(name, "late", at, 12000 if name == "purchase" else None, feature=HERO)
            for name in ("impression", "click", "purchase")
        ],
        exposures=[
            ExposureInput(run_id=run.run_id, variant_id=run.design.variants[0].id, unit_id="late", exposed_at=at)
        ],
    )
    reader = Reader()
    read_all(reader)
    newest.publish()
    return reader


def shown(client, viewer, **query):
    client.force_login(viewer)
    answer = client.get(reverse("monitor:page"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_page_shows_windows_features_and_running_experiments(client, viewer, traffic):
    for minutes in (1, 5):
        text = shown(client, viewer, minutes=minutes)
        assert "Hero discount" in text
        assert "As planned" in text
        assert HERO in text
        assert "₩12,000" in text
        assert "p-value" not in text


def test_page_without_a_reader_says_what_to_do(client, viewer, transactional_db):
    text = shown(client, viewer)
    assert "follow_events" in text
    assert "computed from all raw events" in text


def test_living_part_is_the_same_part_of_the_page(client, viewer, traffic):
    client.force_login(viewer)
    part = client.get(reverse("monitor:live")).content.decode()
    assert part.lstrip().startswith('<div class="stack monitor" id="monitor"')


def test_page_is_korean_for_korean_readers(client, viewer, traffic):
    viewer.language = "ko"
    viewer.save()
    with translation.override("ko"):
        text = shown(client, viewer)
    assert "뒤처진 시간" in text


def test_bounds_are_wider_than_what_a_single_look_would_have(traffic, started):
    from analytics.results import compute  # noqa: PLC0415 - beside what it is compared with

    run = get_run_design(started.experiment.key)
    standing, report = standing_of(run), compute(run)
    bound = next(bound for bound in standing.bounds if bound.role == "oec")
    row = report.oec.comparisons[0]
    assert bound.lift == pytest.approx(row.lift)
    assert bound.low < row.lift_low
    assert bound.high > row.lift_high
    assert standing.ratio.units == tuple(arm.units for arm in report.allocation)
    assert standing.ratio.mismatch is False


def test_broken_split_is_found_by_the_sequential_test(started):
    store(
        started,
        visitors(
            started,
            per_variant={"control": 300, "discount": 120},
            click_rate=dict.fromkeys(("control", "discount"), 0.3),
            order_rate=dict.fromkeys(("control", "discount"), 0.1),
            spend=dict.fromkeys(("control", "discount"), 20000),
        ),
    )
    assert standing_of(get_run_design(started.experiment.key)).ratio.mismatch is True


def test_reader_behind_is_told_with_what_to_do_and_an_open_transaction_is_no_reason(traffic):
    with another_connection() as slow:
        slow.set_autocommit(False)
        with slow.cursor() as cursor:
            cursor.execute("select pg_current_xact_id()")
        read_all(traffic)
        assert health().tone == "good"
        slow.rollback()
    LiveCheckpoint.objects.update(complete_at=timezone.now() - timedelta(minutes=1))
    behind = health()
    assert behind.tone == "bad"
    assert any("See that the process “reader” runs" in sentence for sentence in behind.sentences)
    LiveCheckpoint.objects.update(visible=f"{1 << 60}:{1 << 60}:")
    assert any("--start-over" in sentence for sentence in health().sentences)


def test_stream_is_for_who_may_read(client, viewer, stranger, transactional_db):
    def cookies(user):
        client = Client()
        client.force_login(user)
        return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    assert may_read(cookies(viewer))
    assert not may_read(cookies(stranger))
    assert not may_read("")
    assert not may_read(f"{settings.SESSION_COOKIE_NAME}=no-such-session")
    assert not may_read("\x00=;;;")


def test_version_of_the_windows_changes_as_they_close(traffic):
    found = newest.read()
    later = replace(found, watermark=found.watermark + timedelta(minutes=1))
    assert later.version != found.version
