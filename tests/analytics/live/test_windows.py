"""Windows say what happened in each minute, as a count over the raw events does, however late things come."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from analytics.live.reader import Reader
from analytics.live.windows import LATENESS, whole_minute
from analytics.models import LiveCheckpoint, LiveRun, LiveUnit, LiveWindow
from experiments.public import ExposureInput, get_run_design, record
from experiments.running import lifecycle
from tests.analytics.live.conftest import read_all
from tests.analytics.traffic import event

HERO = "home-hero-banner"
COUNTED = ("impressions", "clicks", "orders", "revenue")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def run(draft, analyst):
    lifecycle.launch(draft, actor=analyst, now=timezone.now() - timedelta(hours=2))
    return get_run_design(draft.key)


def exposure(run, unit, at, variant=0):
    return ExposureInput(run_id=run.run_id, variant_id=run.design.variants[variant].id, unit_id=unit, exposed_at=at)


def stored():
    """Return the windows that are not empty, by (minute, run, variant, feature)."""
    rows = LiveWindow.objects.values_list("starts_at", "run_id", "variant_id", "feature", *COUNTED)
    return {tuple(row[:4]): tuple(int(n) for n in row[4:]) for row in rows if any(row[4:])}


def counted(events, exposures, run):
    """Return the same by a loop over all that was ever stored."""
    windows = defaultdict(Counter)
    seen = defaultdict(dict)
    for one in exposures:
        seen[one.unit_id].setdefault(one.variant_id, one.exposed_at)
    for one in events:
        column = {"impression": "impressions", "click": "clicks", "purchase": "orders"}.get(one.name)
        if column is None:
            continue
        minute, feature = whole_minute(one.occurred_at), one.properties.get("feature")
        places = [(minute, 0, 0, "")] + [(minute, 0, 0, feature)] * bool(feature)
        variants = seen[one.unit_id]
        if len(variants) == 1 and one.occurred_at >= next(iter(variants.values())):
            places.append((minute, run.run_id, next(iter(variants)), ""))
            if feature == run.design.feature:
                places.append((minute, run.run_id, next(iter(variants)), feature))
        for place in places:
            windows[place][column] += 1
            windows[place]["revenue"] += int(one.amount or 0)
    return {place: tuple(found[name] for name in COUNTED) for place, found in windows.items()}


def test_windows_equal_a_count_over_everything_in_whatever_order_it_comes(reader, run):
    rng = np.random.default_rng(3)
    start = timezone.now().replace(microsecond=0) - timedelta(minutes=40)
    events, exposures = [], []
    for number in range(120):
        unit, at = f"u{number}", start + timedelta(seconds=int(rng.integers(0, 1800)))
        variant = number % 2
        exposures.append(exposure(run, unit, at, variant))
        if number % 15 == 0:
            exposures.append(exposure(run, unit, at + timedelta(seconds=30), 1 - variant))
        for _ in range(int(rng.integers(1, 6))):
            moment = at + timedelta(seconds=int(rng.integers(-120, 300)))
            name = str(rng.choice(["impression", "click", "purchase", "page_view"]))
            named = {"feature": HERO} if name in {"impression", "click"} and rng.random() < 0.6 else {}
            amount = int(rng.integers(1000, 50000)) if name == "purchase" else None
            events.append(event(name, unit, moment, amount, **named))
    mixed = [*events, *exposures]
    order = rng.permutation(len(mixed))
    for part in np.array_split(order, 9):
        items = [mixed[n] for n in part]
        record(
            events=[one for one in items if not isinstance(one, ExposureInput)],
            exposures=[one for one in items if isinstance(one, ExposureInput)],
        )
        read_all(reader)
    assert stored() == counted(events, exposures, run)
    row = LiveRun.objects.get()
    assert (row.exposures, row.multiple) == (len(exposures), 8)
    assert LiveUnit.objects.count() == 120


def test_what_was_stored_before_the_first_reader_is_in_its_windows(draft, analyst, transactional_db):
    lifecycle.launch(draft, actor=analyst, now=timezone.now() - timedelta(hours=2))
    run = get_run_design(draft.key)
    at = timezone.now().replace(microsecond=0) - timedelta(minutes=30)
    events = [event("click", "u", at + MINUTE, feature=HERO), event("purchase", "u", at + 2 * MINUTE, 9000)]
    exposures = [exposure(run, "u", at)]
    record(events=events, exposures=exposures)
    read_all(Reader())
    assert stored() == counted(events, exposures, run)


def test_events_of_a_pause_do_not_count_for_the_run(reader, run, draft, analyst):
    at = timezone.now().replace(microsecond=0)
    record(events=[], exposures=[exposure(run, "u", at - 30 * MINUTE)])
    events = [event("click", "u", at - minutes * MINUTE) for minutes in (20, 10, 4)]
    record(events=events)
    read_all(reader)
    draft.refresh_from_db()
    lifecycle.pause(draft, actor=analyst, now=at - 15 * MINUTE)
    lifecycle.resume(draft, actor=analyst, now=at - 5 * MINUTE)
    read_all(reader)
    of_run = {place[0]: found[1] for place, found in stored().items() if place[1] == run.run_id}
    assert of_run == {whole_minute(at - 20 * MINUTE): 1, whole_minute(at - 4 * MINUTE): 1}
    everybody = {place[0] for place in stored() if place[1] == 0}
    assert whole_minute(at - 10 * MINUTE) in everybody


def test_late_event_corrects_its_closed_window_and_is_counted_as_late(reader):
    at = timezone.now().replace(microsecond=0) - 10 * MINUTE
    record(events=[event("click", "u", at)])
    read_all(reader)
    assert LiveCheckpoint.objects.get().watermark > at + MINUTE
    record(events=[event("click", "v", at)])
    read_all(reader)
    window = LiveWindow.objects.get(starts_at=whole_minute(at))
    assert (window.clicks, window.late) == (2, 2)


def test_watermark_follows_what_is_complete_and_never_goes_back(reader):
    marks = []
    for number in range(3):
        record(events=[event("click", f"u{number}", timezone.now())])
        read_all(reader)
        found = LiveCheckpoint.objects.get()
        marks.append(found.watermark)
        assert found.watermark >= found.complete_at - LATENESS
    assert marks == sorted(marks)


def test_ended_run_is_followed_no_more_and_its_windows_stay(reader, run, draft, analyst):
    at = timezone.now().replace(microsecond=0) - 10 * MINUTE
    record(events=[event("click", "u", at)], exposures=[exposure(run, "u", at)])
    read_all(reader)
    draft.refresh_from_db()
    lifecycle.stop(draft, actor=analyst)
    read_all(reader)
    assert not LiveUnit.objects.exists()
    assert not LiveRun.objects.exists()
    assert LiveWindow.objects.filter(run_id=run.run_id, clicks=1).count() == 1
