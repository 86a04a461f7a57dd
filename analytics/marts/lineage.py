"""The graph of the SQL models as a picture: from what is read, through the layers, to what pages show. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from analytics.marts.catalogue import ALIASES, LOADED, SqlModel

WIDTH, HEIGHT, GAP_X, GAP_Y, TOP = 176, 26, 56, 10, 34
OVERHANG = 4  # of the number of checks, beyond the box


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box of the picture, in pixels; ``column`` counts from the raw tables, ``checks`` are those that read it."""

    name: str
    column: int
    x: int
    y: int
    is_kept: bool
    checks: Sequence[str | Promise]

    @property
    def middle(self) -> int:
        """Where lines meet the box, from the top."""
        return self.y + HEIGHT // 2

    @property
    def right(self) -> int:
        """The right edge."""
        return self.x + WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A line from what is read to what reads it."""

    source: Node
    target: Node

    @property
    def path(self) -> str:
        """The curve as SVG draws it."""
        left, right = self.source.right, self.target.x
        bend = max((right - left) // 2, 24)
        first, last = self.source.middle, self.target.middle
        return f"M{left} {first} C{left + bend} {first} {right - bend} {last} {right} {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The whole picture."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    width: int
    height: int


def lineage(
    models: Sequence[SqlModel], loads: Sequence[SqlModel], checks: Mapping[str, Sequence[str | Promise]]
) -> Graph:
    """Return the boxes of tables and models in columns, each to the right of what it reads.

    Args:
        models: Every model after loading, each after those it reads.
        loads: Every select that loads.
        checks: What the checks that read a table are called, by its name.
    """
    reads = _reads(models, loads)
    depth: dict[str, int] = {}
    for name, sources in reads.items():
        depth[name] = 1 + max((depth.get(source, 0) for source in sources), default=-1)
    kept = {model.name for model in models if model.table}
    columns: dict[int, list[str]] = {}
    for name in sorted(reads, key=lambda name: (depth[name], name)):
        columns.setdefault(depth[name], []).append(name)
    nodes = {
        name: Node(
            name=name,
            column=column,
            x=column * (WIDTH + GAP_X),
            y=TOP + row * (HEIGHT + GAP_Y),
            is_kept=name in kept or column == 0,
            checks=checks.get(name, ()),
        )
        for column, names in columns.items()
        for row, name in enumerate(names)
    }
    edges = [Edge(source=nodes[s], target=nodes[name]) for name, sources in reads.items() for s in sources]
    tallest = max(len(names) for names in columns.values())
    return Graph(
        nodes=list(nodes.values()),
        edges=edges,
        width=len(columns) * (WIDTH + GAP_X) - GAP_X + OVERHANG,
        height=TOP + tallest * (HEIGHT + GAP_Y),
    )


def _reads(models: Sequence[SqlModel], loads: Sequence[SqlModel]) -> Mapping[str, tuple[str, ...]]:
    """Return what each box reads, each after what it reads; what an engine provides is no box."""
    found: dict[str, tuple[str, ...]] = {}
    for what in LOADED:
        parts = [load for load in loads if what in load.name.split("/")]
        tables = sorted({_short(name) for part in parts for name in part.reads if "." in name})
        found |= dict.fromkeys(tables, ())
        found[f"loaded_{what}"] = tuple(tables)
    for model in models:
        names = (ALIASES.get(name, name) for name in model.reads)
        found[model.name] = tuple(name for name in names if name in found)
    return found


def _short(name: str) -> str:
    return name.rpartition(".")[2]
