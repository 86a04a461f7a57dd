"""What followed runs' metrics come to: totals of each unit, and sums over units changed by what changed in them.

A unit with new events has had values and has new ones; the sums lose the former and gain the latter, in exact numbers,
so that they equal a computation from all raw events to the last digit. A unit whose exposures changed is computed anew
from its own raw events. Both go through the statements that compute results from raw events (``analytics.results``),
put together over other rows.

Quantiles, retention and caps at a percentile depend on more than a unit's own value; their sums are made from the
totals when they are read (``analytics.live.reading``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import connection
from django.utils import timezone

from analytics.live.runs import Followed
from analytics.live.stretch import Stretch
from analytics.live.units import Concerned
from analytics.results import sides, statement
from analytics.results.moments import COVARIATE_SUMS, NEVER, SUMS
from analytics.results.phases import pauses_of
from analytics.results.statement import Reads
from experiments.public import MetricDefinition
from novarium.kernel import sql

FOLDER = "analytics/sql/live"
MOST_LOOKUPS = 20_000  # of a unit in a day's events; beyond, reading all of them is quicker
SUM_COLUMNS = (*SUMS, *COVARIATE_SUMS)
_UNITS = f"{FOLDER}/units_of_step.sql"
_ROW = "unit_id, arm, bucket, source, events, amount, delay"


def is_kept(metric: MetricDefinition) -> bool:
    """Whether a metric's sums are kept by what changes in each unit."""
    return metric.type in {"proportion", "mean", "ratio", "funnel"} and metric.cap_percentile is None


def take_moments(followed: Followed, stretch: Stretch, concerned: Concerned) -> None:
    """Change the run's totals and sums by what the step found."""
    metrics = followed.run.design.metrics()
    lookback = sides.longest_lookback(metrics)
    params = {
        **sides.parameters(metrics, until=NEVER, pauses=pauses_of(followed.run)),
        **followed.place(),
        "to": stretch.bounds()["to"],
        "until": NEVER,
        "kept": sides.numbers_of(is_kept(metric) for metric in metrics),
    }
    if concerned.moved:
        sql.execute(f"{FOLDER}/activity_before.sql", params)
        sql.execute(f"{FOLDER}/drop_totals.sql", params)
    if concerned.changed:
        since = (concerned.earliest or followed.run.started_at) - lookback
        history = (statement.HISTORY,) if lookback and statement.has_history() else ()
        _take_changed(params | {"since": since}, history, units=concerned.changed)
    if concerned.known:
        _take_known(params | {"since": followed.run.started_at - lookback - sides.DAY})
    _add_sums(params)


def _take_changed(params: dict[str, Any], history: tuple[str, ...], *, units: int) -> None:
    """Compute units anew: each one's events looked up in every day, or, for many, all events since read at once."""
    days = (timezone.now() - params["since"]) / sides.DAY + 1
    is_looked_up = units * days <= MOST_LOOKUPS
    events = f"{FOLDER}/events_of_changed.sql" if is_looked_up else f"{FOLDER}/events_read.sql"
    with nullcontext() if is_looked_up else _without_nested_loops():
        _insert("step_activity", params | {"is_changed": True}, (events, *history))
    sql.execute(f"{FOLDER}/keep_totals.sql", params)


@contextmanager
def _without_nested_loops() -> Iterator[None]:
    """Keep the planner, which takes the events of a new day for few, from going through all of them for each unit."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_nestloop = off")
        yield
        cursor.execute("set local enable_nestloop = on")


def _take_known(params: dict[str, Any]) -> None:
    _insert("step_delta", params | {"is_changed": False}, (f"{FOLDER}/events_of_step.sql",))
    sql.execute(f"{FOLDER}/activity_with_delta.sql", params)
    sql.execute(f"{FOLDER}/add_totals.sql", params)


def _insert(table: str, params: dict[str, Any], events: tuple[str, ...]) -> None:
    """Put what the units did into a table of the step."""
    activity = statement.text_of(f"{FOLDER}/activity_of_units.sql", Reads(units=_UNITS, events=events))
    text = f"insert into pg_temp.{table} (run_id, {_ROW})\nselect %(run_id)s, {_ROW} from (\n{activity}\n) as done"
    with connection.cursor() as cursor:
        cursor.execute(text, params)


def _add_sums(params: dict[str, Any]) -> None:
    columns: Sequence[str] = ("run_id", "metric", "variant_id", "region", "bucket", *SUM_COLUMNS)
    reads = Reads(units=f"{FOLDER}/no_units.sql", events=(), activity=f"{FOLDER}/signed_activity.sql")
    changes = statement.text_of(f"{FOLDER}/changes_of_sums.sql", reads)
    text = (
        f"insert into warehouse.analytics_livesum as kept ({', '.join(columns)})\n"
        f"select {', '.join(columns)} from (\n{changes}\n) as changed\n{sql.load(f'{FOLDER}/add_sums.sql')}"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, params)
