"""New events into moments and windows, beside computations from all events and a raw COPY of the same rows.

At two sizes of history, in turns in one run. The last table is how far the reader is behind while events come in.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, connections, transaction

from analytics.live import checkpoint
from analytics.live.loop import Loop
from analytics.live.reader import Reader
from analytics.live.runs import Designs, Followed
from analytics.live.verify import recompute, verify
from analytics.models import LiveCheckpoint, LiveRun
from experiments.designs.composition import Composition, compose, launch_experiment
from experiments.designs.design import RunDesign
from experiments.events.ids import new_event_id
from experiments.events.partitions import ensure_days
from experiments.events.rows import event_rows
from experiments.events.store import COPY_EVENTS
from experiments.events.validation import ParsedEvent, Validator, time_bounds
from experiments.installation import install_catalogue
from experiments.models import Experiment
from novarium.kernel import sql
from novarium.portal.models import Membership, Team, User
from novarium.portal.roles import Role

HISTORIES = (100_000, 1_000_000)
SIZES = {1_000: (0.050, 5), 100_000: (1.2, 3)}  # events: aim in seconds, rounds
EVENTS_A_UNIT = 10
RATE = 5_000  # events a second
LOAD_SECONDS = 20
AIM_LAG = 2.0
DAYS = 20
KEY = "bench-live"
AT_MS = "cast(floor(extract(epoch from {}) * 1000) as bigint) as at_ms"
TABLES = {
    "events": f"unit_id, name, amount, {AT_MS.format('occurred_at')} from experiment.experiments_event",
    "exposures": f"unit_id, variant_id, {AT_MS.format('exposed_at')} from experiment.experiments_exposure",
}


def main() -> None:
    """Print the tables."""
    run, stored = _prepare(), 0
    reader = Reader()
    _read_all(reader)
    columns = f"{'a step':>12}{'aim':>10}{'recompute':>12}{'bare SQL':>12}{'DuckDB':>12}{'raw COPY':>12}"
    print(f"{'history':>12}{'new events':>12}{columns}")
    steps: dict[int, list[float]] = {}
    for history in HISTORIES:
        _history(run, first=stored, events=history - stored)
        stored = history
        _read_all(reader)
        for size, (aim, rounds) in SIZES.items():
            took = [_round(reader, run, stored, size, number) for number in range(rounds)]
            step, copy = (median(column) for column in zip(*took, strict=True))
            peers = "".join(f"{seconds / step:>10.1f} x" for seconds in (_recomputed(), _bare_sql(), _duckdb()))
            steps.setdefault(size, []).append(step)
            print(f"{stored:>12,}{size:>12,}{step * 1000:>9,.0f} ms{aim * 1000:>7,.0f} ms{peers}{step / copy:>10.1f} x")
    for size, (small, large) in steps.items():
        print(f"{size:,} events: with ten times the history a step takes {large / small:.2f} times as long.")
    print("recompute: how many steps it takes; bare SQL and DuckDB: likewise, one statement for a few of the figures,")
    print("from all events, which DuckDB has in memory;")
    print("raw COPY: how many copies of the same rows a step takes.")
    wrong = [line for found in verify() for line in found.differences]
    if wrong:
        raise SystemExit(f"The moments are not those of the raw events: {wrong[:3]}")
    _lag_under_load(run, stored)


def _prepare() -> RunDesign:
    """Return a running experiment with a metric of each kind that is kept."""
    team, _made = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats"})
    Team.objects.filter(pk=team.pk).update(requires_review=False)
    install_catalogue(team=team)
    user, _made = User.objects.get_or_create(username="bench-live")
    Membership.objects.get_or_create(user=user, team=team, defaults={"role": Role.LEAD.value})
    if Experiment.objects.filter(key=KEY).exists():
        raise SystemExit("This benchmark needs a database of its own: python -m novarium.local bench.")
    composition = Composition(
        key=KEY,
        name="Bench",
        feature="home-hero-banner",
        who="Everybody",
        what="A discount",
        why="Price",
        expected_impact="More clicks",
        oec="ctr",
        baseline=0.3,
        mde=0.05,
        planned_units=200_000,
        planned_days=DAYS,
        changes={"Discount": {"discount_percent": 20}},
        guardrails={"arpu": 0.05, "aov": 0.05, "session-depth": 0.05, "cvr": 0.05},
    )
    compose(composition, owner=user)
    return launch_experiment(KEY, actor=user, now=datetime.now(UTC) - timedelta(days=DAYS))


def _history(run: RunDesign, *, first: int, events: int) -> None:
    """Store units, each exposed once, and their events, spread over the days of the run."""
    start = run.started_at
    ensure_days({(start + timedelta(days=day) - datetime(1970, 1, 1, tzinfo=UTC)).days for day in range(DAYS + 1)},
                using="default")  # fmt: skip
    params: dict[str, Any] = {
        "run_id": run.run_id,
        "variants": [variant.id for variant in run.design.variants],
        "first": first // EVENTS_A_UNIT,
        "last": (first + events) // EVENTS_A_UNIT - 1,
        "each": EVENTS_A_UNIT,
        "start": start,
        "seconds": (DAYS - 1) * 86_400,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for name in ("exposures", "events"):
            cursor.execute(sql.load(f"bench/sql/live_{name}.sql"), params)
    with connection.cursor() as cursor:
        cursor.execute("analyze experiment.experiments_event")
        cursor.execute("analyze experiment.experiments_exposure")


def _round(reader: Reader, run: RunDesign, history: int, size: int, number: int) -> tuple[float, float]:
    """Store new events, a tenth of them of new units; return the seconds of the step and of the raw COPY."""
    units, known = size // EVENTS_A_UNIT, history // EVENTS_A_UNIT
    names = [f"unit-{place * 7919 % known}" for place in range(units - units // EVENTS_A_UNIT)]
    fresh = [f"new-{history}-{size}-{number}-{place}" for place in range(units // EVENTS_A_UNIT)]
    rows = _rows([*names, *fresh], size)
    _expose(run, fresh)
    began = time.perf_counter()
    _copy(rows)
    copied = time.perf_counter() - began
    began = time.perf_counter()
    taken = reader.step()
    took = time.perf_counter() - began
    if taken is None or taken.events != size:
        raise SystemExit(f"The step took {taken} instead of {size} events: nothing to compare.")
    return took, copied


def _recomputed() -> float:
    """Return the seconds of a computation from all events."""
    found = LiveCheckpoint.objects.get()
    row = LiveRun.objects.get()
    run, regions = Designs().current()[row.run_id]
    began = time.perf_counter()
    recompute(Followed(run=run, regions=regions, row=row), read=found.visible)
    return time.perf_counter() - began


def _bare_sql() -> float:
    """Return the seconds of Postgres for the same figures from all events by a statement that knows no metrics."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"create or replace temporary view {name} as select {columns}")
        began = time.perf_counter()
        found = sql.rows("bench/sql/live_figures.sql")
        took = time.perf_counter() - began
    if not found:
        raise SystemExit("Postgres found nothing: nothing to compare.")
    return took


def _duckdb() -> float:
    """Return the seconds of DuckDB for the same figures by the same statement; it has read all events before."""
    try:
        import duckdb  # noqa: PLC0415 - a peer: only for developers
    except ImportError:
        return float("nan")
    with duckdb.connect() as database, tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        for name, columns in TABLES.items():
            path = Path(folder) / name
            with (
                path.open("wb") as file,
                cursor.copy(f"copy (select {columns}) to stdout (format csv, header)") as copy,
            ):
                for block in copy:
                    file.write(block)
            database.execute(f"create table {name} as select * from read_csv('{path}', header = true)")  # noqa: S608
        began = time.perf_counter()
        found = database.execute(sql.load("bench/sql/live_figures.sql")).fetchall()
        took = time.perf_counter() - began
    if not found:
        raise SystemExit("DuckDB found nothing: nothing to compare.")
    return took


def _rows(units: Sequence[str], size: int) -> bytes:
    earliest, latest = time_bounds(datetime.now(UTC))
    parse, made = Validator().parse, []
    for place in range(size):
        at = datetime.now(UTC) - timedelta(milliseconds=place % 50_000)
        name = ("page_view", "impression", "click", "purchase")[place % 4]
        properties = {
            "page_view": {"page": "home"},
            "impression": {"component": "hero", "feature": "home-hero-banner"},
            "click": {"component": "hero", "feature": "home-hero-banner"},
            "purchase": {"order": f"o{place}"},
        }[name]
        payload = {
            "event_id": str(new_event_id(at)),
            "name": name,
            "unit_id": units[place % len(units)],
            "occurred_at": at.isoformat(timespec="milliseconds"),
            "properties": properties,
            **({"amount": 1000 + place % 40_000} if name == "purchase" else {}),
        }
        parsed = parse(payload, earliest=earliest, latest=latest)
        if not isinstance(parsed, ParsedEvent):
            raise SystemExit(f"An event was refused: {parsed}")
        made.append(parsed)
    return event_rows(made)


def _copy(rows: bytes) -> None:
    ensure_days(
        {(datetime.now(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days - back for back in (0, 1)}, using="default"
    )
    with connection.cursor() as cursor, cursor.copy(COPY_EVENTS) as stream:
        stream.write(rows)


def _expose(run: RunDesign, units: Sequence[str]) -> None:
    columns = {
        "runs": [run.run_id] * len(units),
        "units": list(units),
        "variants": [run.design.variants[place % 2].id for place in range(len(units))],
        "times": [datetime.now(UTC) - timedelta(minutes=2)] * len(units),
    }
    sql.execute("experiments/sql/insert_exposures.sql", columns)


def _read_all(reader: Reader) -> None:
    while not ((taken := reader.step()) and taken.is_last):
        continue


def _lag_under_load(run: RunDesign, history: int) -> None:
    """Print how far the reader is behind while batches of 500 are committed at the rate."""
    batch, known = 500, history // EVENTS_A_UNIT
    prepared = [
        _rows([f"unit-{(number * batch + place) * 7919 % known}" for place in range(batch)], batch)
        for number in range(40)
    ]
    loop = Loop()
    reading = threading.Thread(target=loop.run)
    writing = threading.Thread(target=_write, args=[prepared, batch])
    reading.start()
    time.sleep(1.5)
    writing.start()
    lags = []
    while writing.is_alive():
        time.sleep(0.25)
        found = checkpoint.state()
        if found:
            lags.append((checkpoint.now() - found.complete_at).total_seconds())
    loop.ended.set()
    reading.join()
    lags.sort()
    print(
        f"lag at {RATE:,} events a second: median {median(lags):.2f} s, 95% {lags[int(len(lags) * 0.95)]:.2f} s, "
        f"longest {lags[-1]:.2f} s; the aim is {AIM_LAG:.0f} s."
    )


def _write(prepared: Sequence[bytes], batch: int) -> None:
    """Commit batches at the rate; ids repeat, so each batch's rows get new ones in the copy's place."""
    began, number = time.perf_counter(), 0
    while (due := began + number * batch / RATE) < began + LOAD_SECONDS:
        time.sleep(max(due - time.perf_counter(), 0))
        _copy(prepared[number % len(prepared)] if number < len(prepared) else _fresh(batch, number))
        number += 1
    took = time.perf_counter() - began
    print(f"wrote {number * batch / took:,.0f} events a second")
    connections.close_all()


def _fresh(batch: int, number: int) -> bytes:
    return _rows([f"unit-{(number * batch + place) * 7919 % 10_000}" for place in range(batch)], batch)
