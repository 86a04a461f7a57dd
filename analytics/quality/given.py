"""What checks read besides the marts: events as received, the event catalogue, and who belongs in which variant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from psycopg import sql

from analytics.marts.catalogue import SqlModel, parts_in, readable
from analytics.marts.relations import zone_offset
from analytics.marts.scope import Scope
from analytics.models import Dataset
from experiments.public import Gate, RunDesign, allot_many, event_kinds, run_design

# A serving process may learn of a phase a moment before its start is written down.
EARLY = timedelta(minutes=1)
RAW_EVENT = """
select
    told.*,
    told.at_ms + zone.offset_ms as local_ms,
    cast((told.at_ms + zone.offset_ms - mod(told.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer) as day
from ({parts}) as told
inner join ({zone}) as zone on told.at_ms >= zone.from_ms and told.at_ms < zone.until_ms
"""


def given_for(cursor: Any, scope: Scope, models: Sequence[SqlModel]) -> Mapping[str, sql.Composable]:
    """Return the selects of the names that these checks read."""
    names = {name for model in models for name in model.reads}
    found: dict[str, sql.Composable] = {}
    if "raw_event" in names:
        several = sum("raw_event" in model.reads for model in models) > 1
        is_kept = several and scope.form == Dataset.Form.RECEIVED
        found["raw_event"] = _kept(cursor, scope) if is_kept else _raw_event(cursor, scope)
    if "raw_purchase" in names:
        found["raw_purchase"] = _union(cursor, "quality/raw_purchase")
    if "known_event" in names:
        found["known_event"] = _values(("name",), [(name,) for name in event_kinds()])
    if "declared_property" in names:
        declared = [(kind.name, item.name, item.type) for kind in event_kinds().values() for item in kind.properties]
        found["declared_property"] = _values(("event", "name", "type"), declared)
    if "assigned_variant" in names:
        _fill_assigned(cursor, scope)
        found["assigned_variant"] = sql.SQL("select * from pg_temp.gate_assigned")
    return found


def _raw_event(cursor: Any, scope: Scope) -> sql.Composable:
    parts = _union(cursor, f"quality/raw_event/{scope.form}")
    placed = sql.SQL(RAW_EVENT).format(parts=parts, zone=zone_offset(scope))
    return sql.SQL("select * from ({}) as placed where day between %(first_day)s and %(last_day)s").format(placed)


def _kept(cursor: Any, scope: Scope) -> sql.Composable:
    """Read received events once for all checks of a stage: making numbers of their moments is most of the work."""
    cursor.execute("drop table if exists pg_temp.gate_raw")
    statement = sql.SQL("create temporary table gate_raw on commit drop as {}").format(_raw_event(cursor, scope))
    cursor.execute(statement, scope.bounds)
    cursor.execute("analyze gate_raw")
    return sql.SQL("select * from pg_temp.gate_raw")


def _union(cursor: Any, folder: str) -> sql.Composable:
    parts = readable(cursor, parts_in(folder))
    return sql.SQL("\nunion all\n").join(sql.SQL(part.text) for part in parts)


def _values(columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> sql.Composable:
    listed = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Literal(v)) for v in row))
        for row in rows
    )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("select * from (values {}) as given ({})").format(listed, names)


def _fill_assigned(cursor: Any, scope: Scope) -> None:
    """Note in which variants the exposed units of the scope's days belong, by the hash that assigns them."""
    cursor.execute("drop table if exists pg_temp.gate_assigned")
    cursor.execute("create temporary table gate_assigned (run_id bigint, unit text, variant_id bigint) on commit drop")
    cursor.execute(
        "select run_id, array_agg(unit_id::text), array_agg(exposed_at) from experiment.experiments_exposure"
        " where exposed_at >= %(since)s and exposed_at < %(until)s group by run_id",
        scope.bounds,
    )
    for run_id, units, moments in cursor.fetchall():
        rows = {(run_id, unit, variant) for unit, variant in _assigned(run_design(run_id), units, moments)}
        with cursor.copy("copy gate_assigned (run_id, unit, variant_id) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
    cursor.execute("analyze gate_assigned")


def _assigned(run: RunDesign, units: Sequence[str], moments: Sequence[Any]) -> Iterable[tuple[str, int]]:
    """Yield each unit's variants in the phases that had begun when it was exposed.

    The global holdout is left out: its share may have changed since.
    """
    design, ids = run.design, [arm.id for arm in run.design.variants]
    gates = [Gate(design.slot.seed, design.slot.start, design.slot.end)] if design.slot else []
    for phase in run.phases:
        allotted = allot_many(seed=design.seed, units=units, allotment=phase.allotment, gates=gates).tolist()
        for unit, moment, place in zip(units, moments, allotted, strict=True):
            if place >= 0 and phase.started_at - EARLY <= moment:
                yield unit, ids[place]
