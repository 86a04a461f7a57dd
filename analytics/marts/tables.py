"""The large tables of the marts: a partition a dataset, replaced as a whole by a full build.

A full build writes into new tables, which nobody reads yet, and puts them in the old ones' place in one transaction. A
table that is made and filled in one transaction is not written to the log besides where ``wal_level`` is minimal. With
several shards the partition has one below for each.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import sql

SCHEMA = "warehouse"
# By model: the table and its indexes; migration 0005 has the same ones on the whole table, so that they are adopted.
PARTITIONED: Mapping[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "fact_events": ("analytics_factevent", (("day",),)),
    "fact_sessions": ("analytics_factsession", (("day",),)),
    "visitor_days": ("analytics_visitorday", (("day",), ("visitor",))),
    "dim_visitor": ("analytics_dimvisitor", (("visitor",), ("last_day",))),
}

# Other engines write in the order of these, so that a day's rows lie together; Postgres' own plans keep the order.
ORDER: Mapping[str, str] = {
    "fact_events": "day",
    "fact_sessions": "day",
    "visitor_days": "day",
    "dim_visitor": "first_day",
}


def new_tables(*, dataset_id: int, build: int, shards: int) -> list[dict[str, str]]:
    """Return the names of the tables that each shard of a full build fills, by model.

    They are new ones each time: a build that was killed when its tables stood in place, and before that was written
    down, builds them once more.
    """
    suffix = f"d{dataset_id}_b{build}_{secrets.token_hex(3)}"
    return [
        {model: f"{SCHEMA}.{table}_{suffix}_s{shard}" for model, (table, _indexes) in PARTITIONED.items()}
        for shard in range(shards)
    ]


def create(cursor: Any, tables: Mapping[str, str], *, dataset_id: int, shard: int = 0, shards: int = 1) -> None:
    """Create a shard's empty tables, without indexes: those are faster made afterwards.

    Their constraints are those of the partitions that they become, which then need not read them all to be sure. A
    table that is replaced as a whole needs no vacuum, which would hold up its replacement; single days switch it on.
    """
    part = sql.SQL("mod(visitor, {})").format(sql.Literal(shards))
    own = sql.SQL("check (dataset_id = {}), check ({} is not null and {} = {}::bigint)").format(
        sql.Literal(dataset_id), part, part, sql.Literal(shard)
    )
    for model, table in tables.items():
        parent = _identifier(f"{SCHEMA}.{PARTITIONED[model][0]}")
        cursor.execute(
            sql.SQL("create table {} (like {} including defaults, {}) with (autovacuum_enabled = off)").format(
                _identifier(table), parent, own
            )
        )


def index(cursor: Any, model: str, table: str) -> None:
    """Create the indexes of a filled table."""
    for columns in PARTITIONED[model][1]:
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        cursor.execute(sql.SQL("create index on {} ({})").format(_identifier(table), listed))


def put_in_place(cursor: Any, shards: Sequence[Mapping[str, str]], *, dataset_id: int) -> None:
    """Replace the dataset's partitions by the filled tables of all shards."""
    for model, (table, _indexes) in PARTITIONED.items():
        parent = _identifier(f"{SCHEMA}.{table}")
        new = shards[0][model] if len(shards) == 1 else _joined(cursor, [names[model] for names in shards], parent)
        for old in _partitions(cursor, table, dataset_id):
            cursor.execute(sql.SQL("alter table {} detach partition {}").format(parent, _identifier(old)))
            cursor.execute(sql.SQL("drop table {}").format(_identifier(old)))
        cursor.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                parent, _identifier(new), sql.Literal(dataset_id)
            )
        )
        # Of the whole nobody else takes statistics, and queries of the whole are planned by them.
        only = sql.SQL("only" if connection.pg_version >= 180_000 else "")  # type: ignore[attr-defined]
        cursor.execute(sql.SQL("analyze {} {}").format(only, parent))


def ensure(cursor: Any, *, dataset_id: int) -> None:
    """Create the dataset's partitions where a full build has not yet; from now on its rows change."""
    names = [_pattern(table, dataset_id) for table, _indexes in PARTITIONED.values()]
    cursor.execute(
        "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r' and relispartition"
        " and relname like any(%s) and reloptions @> array['autovacuum_enabled=off']",
        [SCHEMA, names],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("alter table {} reset (autovacuum_enabled)").format(sql.Identifier(SCHEMA, name)))
    for table, _indexes in PARTITIONED.values():
        if not _partitions(cursor, table, dataset_id):
            cursor.execute(
                sql.SQL("create table {} partition of {} for values in ({})").format(
                    _identifier(f"{SCHEMA}.{table}_d{dataset_id}_b0_s0"),
                    _identifier(f"{SCHEMA}.{table}"),
                    sql.Literal(dataset_id),
                )
            )


def drop(cursor: Any, *, dataset_id: int) -> None:
    """Drop the dataset's partitions and what builds of it that broke off have left."""
    for table, _indexes in PARTITIONED.values():
        for old in _partitions(cursor, table, dataset_id):
            cursor.execute(sql.SQL("drop table {}").format(_identifier(old)))
    drop_leftovers(cursor, dataset_id=dataset_id)


def drop_leftovers(cursor: Any, *, dataset_id: int) -> None:
    """Drop the tables of builds of the dataset that broke off before they were put in place."""
    names = [_pattern(table, dataset_id) for table, _indexes in PARTITIONED.values()]
    cursor.execute(
        "select relname from pg_class where relnamespace = %s::regnamespace and relkind in ('r', 'p')"
        " and not relispartition and relname like any(%s)",
        [SCHEMA, names],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("drop table {}").format(sql.Identifier(SCHEMA, name)))


def _joined(cursor: Any, tables: Iterable[str], parent: sql.Composable) -> str:
    """Put the tables of all shards below one partitioned table; return its name."""
    names = list(tables)
    whole = names[0].removesuffix("_s0")
    cursor.execute(
        sql.SQL("create table {} (like {} including defaults) partition by list (mod(visitor, {}))").format(
            _identifier(whole), parent, sql.Literal(len(names))
        )
    )
    for shard, name in enumerate(names):
        cursor.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                _identifier(whole), _identifier(name), sql.Literal(shard)
            )
        )
    return whole


def _partitions(cursor: Any, table: str, dataset_id: int) -> list[str]:
    cursor.execute(
        "select child.relname from pg_inherits join pg_class as child on child.oid = inhrelid"
        " where inhparent = %s::regclass and child.relname like %s",
        [f"{SCHEMA}.{table}", _pattern(table, dataset_id)],
    )
    return [f"{SCHEMA}.{name}" for (name,) in cursor.fetchall()]


def _pattern(table: str, dataset_id: int) -> str:
    """Return what the names of a dataset's partitions are like, whichever build made them."""
    return f"{table}_d{dataset_id}_b%".replace("_", r"\_")


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(*name.split("."))
