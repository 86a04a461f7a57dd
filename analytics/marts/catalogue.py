"""The SQL models of the marts: read from their files, in the order in which they can be built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from django.conf import settings

from novarium.kernel import sql

ROOT = "analytics/sql"
KINDS = ("staging", "intermediate", "marts")
_HEADER = re.compile(r"^-- (grain|key|reads|writes): (.*)$")
_COLUMN = re.compile(r"^-- column (\w+): (.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file with one select."""

    path: str
    text: str
    description: str
    grain: str
    key: str
    reads: tuple[str, ...]
    writes: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlModel:
    """A named select, or the union of several (a folder of files with the same columns).

    Attributes:
        table: The table that keeps it; empty for one that only lives during a build.
        day_column: By this column a day of ``table`` is replaced; empty where the whole table is.
    """

    name: str
    kind: str
    parts: tuple[Part, ...]
    table: str
    day_column: str

    @property
    def reads(self) -> frozenset[str]:
        """Names of tables and models that any part reads."""
        return frozenset(name for part in self.parts for name in part.reads)


@cache
def sql_models() -> tuple[SqlModel, ...]:
    """Return all models, each after those it reads."""
    found = {model.name: model for kind in KINDS for model in _of_kind(kind)}
    order = TopologicalSorter({name: model.reads & found.keys() for name, model in found.items()})
    return tuple(found[name] for name in order.static_order())


def _of_kind(kind: str) -> list[SqlModel]:
    folder = Path(settings.BASE_DIR) / ROOT / kind
    models = []
    for place in sorted(folder.iterdir()):
        files = sorted(place.glob("*.sql")) if place.is_dir() else [place]
        parts = tuple(_part(f"{ROOT}/{file.relative_to(folder.parent).as_posix()}") for file in files)
        table, _, rest = parts[0].writes.partition(" ")
        day_column = rest.removeprefix("by ") if rest.startswith("by ") else ""
        models.append(SqlModel(name=place.stem, kind=kind, parts=parts, table=table, day_column=day_column))
    return models


def _part(path: str) -> Part:
    text = sql.load(path)
    header = [line for line in text.splitlines() if line.startswith("--")]
    facts = {match[1]: match[2] for line in header if (match := _HEADER.match(line))}
    columns = {match[1]: match[2] for line in header if (match := _COLUMN.match(line))}
    prose = [line[3:] for line in header if not _HEADER.match(line) and not _COLUMN.match(line)]
    return Part(
        path=path,
        text=text,
        description=" ".join(prose),
        grain=facts["grain"],
        key=facts["key"],
        reads=tuple(name.strip() for name in facts["reads"].split(",")),
        writes=facts.get("writes", ""),
        columns=columns,
    )
