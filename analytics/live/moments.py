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
from contextlib import contextmanager
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
_ACTIVITY = f"{FOLDER}/activity_of_units.sql"
_UNITS = f"{FOLDER}/units_of_step.sql"
_ROW = "run_id, {sign}unit_id, arm, bucket, source, events, amount, delay"


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
    if concerned.changed:
        params["since"] = (concerned.earliest or followed.run.started_at) - lookback
        days = (timezone.now() - params["since"]) / sides.DAY + 1
        history = (statement.HISTORY,) if lookback and statement.has_history() else ()
        _take_changed(params, history, is_looked_up=concerned.changed * days <= MOST_LOOKUPS)
    if concerned.known:
        params["since"] = followed.run.started_at - lookback - sides.DAY
        _take_known(params)
    _add_sums(params)


def _take_changed(params: dict[str, Any], history: tuple[str, ...], *, is_looked_up: bool) -> None:
    """Compute units anew: each one's events looked up in every day, or, for many, all events since read at once."""
    sql.execute(f"{FOLDER}/activity_before.sql", params)
    sql.execute(f"{FOLDER}/drop_totals.sql", params)
    events = f"{FOLDER}/events_of_changed.sql" if is_looked_up else f"{FOLDER}/events_read.sql"
    reads = Reads(units=_UNITS, events=(events, *history))
    with _nested_loops(is_allowed=is_looked_up):
        _insert("step_activity", "1 as sign, ", params | {"is_changed": True}, reads)
    sql.execute(f"{FOLDER}/keep_totals.sql", params)


@contextmanager
def _nested_loops(*, is_allowed: bool) -> Iterator[None]:
    """Keep the planner, which takes the events of a new day for few, from going through all of them for each unit."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('enable_nestloop', %s, true)", ["on" if is_allowed else "off"])
        yield
        cursor.execute("select set_config('enable_nestloop', 'on', true)")


def _take_known(params: dict[str, Any]) -> None:
    reads = Reads(units=_UNITS, events=(f"{FOLDER}/events_of_step.sql",))
    _insert("step_delta", "", params | {"is_changed": False}, reads)
    sql.execute(f"{FOLDER}/activity_with_delta.sql", params)
    sql.execute(f"{FOLDER}/add_totals.sql", params)


def _insert(table: str, sign: str, params: dict[str, Any], reads: Reads) -> None:
    """Put what the units did into a table of the step."""
    into = f"insert into pg_temp.{table} ({_ROW.format(sign='sign, ' if sign else '')})"
    chosen = f"select %(run_id)s, {_ROW.format(sign=sign).removeprefix('run_id, ')}"
    text = f"{into}\n{chosen} from (\n{statement.text_of(_ACTIVITY, reads)}\n) as done"
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
