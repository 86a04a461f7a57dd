"""The SQL files of the marts: read with their headers, in the order in which they can be built.

``load`` brings each form of raw events to the same columns and is written for Postgres; everything after it is plain
SQL over names that the engine gives a meaning to, and runs on Postgres and DuckDB alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from django.conf import settings

from novarium.kernel import sql

ROOT = "analytics/sql"
LAYERS = ("staging", "marts", "kpi")
LOADED = ("events", "orders", "item_snapshots", "categories", "exposures")
# Names that an engine gives to a part of a model's rows.
ALIASES = {"touched_days": "visitor_days"}
_HEADER = re.compile(r"^-- (grain|key|reads|writes|severity|owner|action|holds|forms): (.*)$")
_COLUMN = re.compile(r"^-- column (\w+): (.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlModel:
    """One file with one select.

    Attributes:
        layer: ``load``, ``staging``, ``marts`` or ``kpi``.
        table: The table that keeps it; empty for one that only lives during a build.
        replaced_by: The column by which rows of ``table`` are replaced: ``day``, ``week_day`` or ``visitor``; ``whole``
            where all are, ``always`` for a view.
        columns: Meanings by name, in the select's order.
        facts: The header's lines by their word.
    """

    name: str
    layer: str
    path: str
    text: str
    description: str
    grain: str
    key: str
    reads: tuple[str, ...]
    table: str
    replaced_by: str
    columns: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


@cache
def sql_models() -> tuple[SqlModel, ...]:
    """Return all models after loading, each after those it reads."""
    files = [file for layer in LAYERS for file in sorted((root() / layer).glob("*.sql"))]
    found = {file.stem: read_model(file) for file in files}
    sources = {name: {ALIASES.get(read, read) for read in model.reads} for name, model in sorted(found.items())}
    order = TopologicalSorter({name: found.keys() & reads for name, reads in sources.items()})
    return tuple(found[name] for name in order.static_order())


def model_named(name: str) -> SqlModel:
    """Return a model by its name."""
    return next(model for model in sql_models() if model.name == name)


@cache
def loads(form: str, what: str) -> tuple[SqlModel, ...]:
    """Return the selects whose union is what is loaded of a form: a file, a folder of files, or nothing."""
    for place in (root() / "load" / form / what, root() / "load" / form / f"{what}.sql"):
        if place.exists():
            files = sorted(place.glob("*.sql")) if place.is_dir() else [place]
            return tuple(read_model(file) for file in files)
    return (read_model(root() / "load" / "nothing" / f"{what}.sql"),)


@cache
def parts_in(folder: str) -> tuple[SqlModel, ...]:
    """Return the files of a folder, whose union is meant."""
    return tuple(read_model(file) for file in sorted((root() / folder).glob("*.sql")))


def readable(cursor: Any, parts: Sequence[SqlModel]) -> list[SqlModel]:
    """Return the parts whose tables exist."""
    return [part for part in parts if _exist(cursor, [name for name in part.reads if "." in name])]


@cache
def load_models() -> tuple[SqlModel, ...]:
    """Return every select that loads, of every form."""
    return tuple(read_model(file) for file in sorted((root() / "load").rglob("*.sql")))


def root() -> Path:
    """Return the folder of the SQL files."""
    return Path(settings.BASE_DIR) / ROOT


def read_model(file: Path) -> SqlModel:
    """Return the file with its header."""
    place = file.relative_to(root())
    path = f"{ROOT}/{place.as_posix()}"
    text = sql.load(path)
    header = [line for line in text.splitlines() if line.startswith("-- ")]
    facts = {match[1]: match[2] for line in header if (match := _HEADER.match(line))}
    table, _space, how = facts.get("writes", "").partition(" ")
    return SqlModel(
        name=file.stem if place.parts[0] != "load" else place.with_suffix("").as_posix(),
        layer=place.parts[0],
        path=path,
        text=text,
        description=" ".join(x[3:] for x in header if not _HEADER.match(x) and not _COLUMN.match(x)),
        grain=facts["grain"],
        key=facts["key"],
        reads=tuple(name.strip() for name in facts["reads"].split(",")),
        table=table,
        replaced_by=how.removeprefix("by ").split(" ")[0],
        columns={match[1]: match[2] for line in header if (match := _COLUMN.match(line))},
        facts=facts,
    )


def _exist(cursor: Any, names: Sequence[str]) -> bool:
    cursor.execute(
        "select coalesce(bool_and(to_regclass(name) is not null), true) from unnest(%s::text[]) as name", [list(names)]
    )
    (exists,) = cursor.fetchone()
    return bool(exists)
