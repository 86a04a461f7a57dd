"""A log in RetailRocket's form and size, drawn from a seed: ``python -m bench.retailrocket FOLDER``.

The real files may not be handed on. These have their numbers of events, visitors, items and categories, their 139 days,
power laws of visitors and items, hours of the day, bursts, sessions with pauses, carts and orders, and item properties
that change over time. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

EVENTS = 2_756_101
VISITORS = 1_407_580
ITEMS = 235_061
CATEGORIES = 1_669
ROOTS = 25
START_MS = 1_430_611_200_000  # 2015-05-03 00:00 UTC
DAYS = 139
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
DUPLICATES = 460 / EVENTS  # lines that repeat the one before
NAMES = np.array([b"view", b"addtocart", b"transaction"])
VIEW, CART, TRANSACTION = 0, 1, 2
HOURS = np.array([9, 8, 8, 8, 6, 4, 3, 2, 1, 1, 1, 2, 3, 5, 6, 8, 9, 9, 9, 9, 9, 9, 9, 9], float)  # UTC
NASTY = (
    b"1433221332117,257597,view,355908",
    b"1433221332117,257597,view,355908,,1",
    b"not-a-time,257597,view,355908,",
    b"1433221332117,257597,look,355908,",
    b"1433221332117,-1,view,355908,",
    b"0,257597,view,355908,",
    b"1433221332117,257597,vi\xffew,355908,",
    b"",
)
_CHUNK = 200_000

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much to draw; ``properties`` are changes an item, besides its first snapshot."""

    events: int = EVENTS
    visitors: int = VISITORS
    items: int = ITEMS
    categories: int = CATEGORIES
    properties: float = 3.0

    @classmethod
    def of(cls, events: int) -> Size:
        """Return a smaller or larger log of the same proportions."""
        share = events / EVENTS
        return cls(
            events=events,
            visitors=max(round(VISITORS * share), 1),
            items=max(round(ITEMS * share), 10),
            categories=min(CATEGORIES, max(round(CATEGORIES * share), ROOTS + 5)),
        )


def write(folder: Path, *, size: Size, seed: int = 1, nasty: int = 0) -> None:
    """Write events.csv, category_tree.csv and two parts of item properties.

    Args:
        nasty: So many lines that have to be refused stand among the events.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    categories = _write_categories(folder, draw, size)
    items = draw.permutation(2 * size.items)[: size.items]
    _write_properties(folder, draw, size, items, categories)
    _write_events(folder, draw, size, items, nasty)


def _write_events(folder: Path, draw: np.random.Generator, size: Size, ids: Integers, nasty: int) -> None:
    visitors, at, items, kinds, is_first = _behaviour(draw, size)
    order = np.argsort(at, kind="stable")
    visitors, at, items = visitors[order], at[order], ids[items[order]]
    kinds, is_first = kinds[order], is_first[order]
    later_views = np.flatnonzero((kinds == VIEW) & ~is_first)[1:]
    again = draw.choice(later_views, min(int(size.events * DUPLICATES), len(later_views)), replace=False)
    for column in (visitors, at, items, kinds):
        column[again] = column[again - 1]
    orders = _transactions(visitors, at, kinds)
    spoiled = np.sort(draw.integers(0, size.events, nasty))
    with (folder / "events.csv").open("wb") as file:
        file.write(b"timestamp,visitorid,event,itemid,transactionid\n")
        for first in range(0, size.events, _CHUNK):
            chunk = slice(first, first + _CHUNK)
            names = NAMES[kinds[chunk]]
            rows = csv_rows([at[chunk], visitors[chunk], names, items[chunk], orders[chunk]])
            _write_with(file, rows, spoiled[(spoiled >= first) & (spoiled < first + _CHUNK)] - first)


def _behaviour(
    draw: np.random.Generator, size: Size
) -> tuple[Integers, Integers, Integers, NDArray[np.int8], NDArray[np.bool_]]:
    """Return visitor, time, item, kind, and whether it is the first, of each event, visitor by visitor."""
    counts = _events_of_visitors(draw, size)
    visitors = np.repeat(draw.permutation(size.visitors), counts)
    is_first = np.zeros(size.events, bool)
    is_first[np.cumsum(counts) - counts] = True
    gaps = _gaps(draw, size.events)
    gaps[is_first] = 0
    elapsed = np.cumsum(gaps)
    began = np.flatnonzero(is_first)
    elapsed -= np.repeat(elapsed[began], counts)
    at = START_MS + (np.repeat(_first_times(draw, size.visitors), counts) + elapsed) % (DAYS * DAY_MS)
    chance = draw.random(size.events, np.float32)
    kinds = np.zeros(size.events, np.int8)
    kinds[(chance < 0.055) & ~is_first] = CART
    after_cart = np.concatenate([[False], kinds[:-1] == CART]) & ~is_first & (kinds == VIEW)
    kinds[after_cart & (draw.random(size.events, np.float32) < 0.56)] = TRANSACTION
    items = _popular(draw, size.events, size.items)
    seen_at_all = began[draw.permutation(size.visitors)[: size.items]]
    items[seen_at_all] = np.arange(len(seen_at_all))
    for _step in range(2):  # what is put into the cart was viewed before, what is ordered was put there
        follows = np.flatnonzero(kinds != VIEW)
        items[follows] = items[follows - 1]
    return visitors, at, items, kinds, is_first


def _events_of_visitors(draw: np.random.Generator, size: Size) -> Integers:
    """Return at least one event a visitor, and the others by a power law."""
    weights = np.minimum(1 + draw.pareto(1.3, size.visitors), 5_000)
    owners = np.searchsorted(np.cumsum(weights), draw.random(size.events - size.visitors) * weights.sum())
    return 1 + np.bincount(np.minimum(owners, size.visitors - 1), minlength=size.visitors)


def _gaps(draw: np.random.Generator, count: int) -> Integers:
    """Return milliseconds to the visitor's event before: most within a session, some days."""
    gaps = draw.lognormal(np.log(50_000), 1.3, count)
    returns = draw.random(count, np.float32) < 0.12
    gaps[returns] += draw.exponential(4 * DAY_MS, int(returns.sum()))
    return np.minimum(gaps, 60 * DAY_MS).astype(np.int64)


def _first_times(draw: np.random.Generator, count: int) -> Integers:
    """Return when visitors come first, in milliseconds since the start: by weekday, hour, and in bursts."""
    days = draw.choice(DAYS, count, p=_shares(1 + 0.15 * np.cos(np.arange(DAYS) * 2 * np.pi / 7)))
    hours = draw.choice(24, count, p=_shares(HOURS))
    times = days * DAY_MS + hours * 3_600_000 + draw.integers(0, 3_600_000, count)
    in_burst = draw.random(count, np.float32) < 0.03
    bursts = draw.integers(0, DAYS * DAY_MS - 600_000, 12)
    times[in_burst] = draw.choice(bursts, int(in_burst.sum())) + draw.integers(0, 600_000, int(in_burst.sum()))
    return times


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _popular(draw: np.random.Generator, count: int, items: int) -> Integers:
    """Return the ranks of items, by a power law."""
    return (items * draw.random(count) ** 2.6).astype(np.int64)


def _transactions(visitors: Integers, at: Integers, kinds: NDArray[np.int8]) -> Integers:
    """Return the id of each order's transaction, and -1 elsewhere; what a visitor orders in a minute is one."""
    ids = np.full(len(at), -1)
    orders = np.flatnonzero(kinds == TRANSACTION)
    _keys, ids[orders] = np.unique(
        np.stack([at[orders] // 60_000, visitors[orders]], axis=1), axis=0, return_inverse=True
    )
    return ids


def _write_with(file: BinaryIO, rows: bytes, spoiled: Integers) -> None:
    """Write rows, with a nasty line before each of the places."""
    if not len(spoiled):
        file.write(rows)
        return
    lines = rows.splitlines(keepends=True)
    for number, place in reversed(list(enumerate(spoiled.tolist()))):
        lines.insert(place, NASTY[number % len(NASTY)] + b"\n")
    file.write(b"".join(lines))


def _write_categories(folder: Path, draw: np.random.Generator, size: Size) -> Integers:
    """Write a tree that grows by itself: each category is put below an earlier one; return the ids."""
    ids = draw.permutation(2 * size.categories)[: size.categories]
    above = (draw.random(size.categories) ** 1.5 * np.arange(size.categories)).astype(np.int64)
    parents = np.where(np.arange(size.categories) < ROOTS, -1, ids[above])
    order = draw.permutation(size.categories)
    with (folder / "category_tree.csv").open("wb") as file:
        file.write(b"categoryid,parentid\n" + csv_rows([ids[order], parents[order]]))
    return ids


def _write_properties(folder: Path, draw: np.random.Generator, size: Size, ids: Integers, categories: Integers) -> None:
    """Write weekly snapshots: each item's category, availability, price and a text at first, then what changed."""
    weeks = DAYS // 7
    changes = round(size.items * size.properties)
    kinds = np.concatenate([np.repeat(np.arange(4), size.items), draw.choice(4, changes, p=[0.02, 0.48, 0.4, 0.1])])
    items = np.concatenate([np.tile(ids, 4), draw.choice(ids, changes)])
    week = np.concatenate([np.tile(draw.integers(0, 3, size.items), 4), draw.integers(3, weeks, changes)])
    order = np.argsort(week * 4 + kinds, kind="stable")
    kinds, items, at = kinds[order], items[order], START_MS + week[order] * WEEK_MS
    names = np.array([b"categoryid", b"available", b"790", b"888"])[kinds]
    values = _values(draw, kinds, categories)
    half = len(kinds) // 2
    for part, rows in ((1, slice(0, half)), (2, slice(half, None))):
        with (folder / f"item_properties_part{part}.csv").open("wb") as file:
            file.write(b"timestamp,itemid,property,value\n")
            for first in range(0, len(kinds[rows]), _CHUNK):
                columns = [column[rows][first : first + _CHUNK] for column in (at, items, names, values)]
                file.write(csv_rows(columns))


def _values(draw: np.random.Generator, kinds: Integers, categories: Integers) -> NDArray[np.bytes_]:
    numbers = np.select(
        [kinds == 0, kinds == 1, kinds == 2],
        [categories[draw.integers(0, len(categories), len(kinds))], draw.integers(0, 2, len(kinds)),
         draw.integers(100, 500_000, len(kinds))],
        draw.integers(0, 1_300_000, len(kinds)),
    )  # fmt: skip
    texts = numbers.astype("S24")
    prices, others = kinds == 2, kinds == 3
    texts[prices] = np.char.add(np.char.add(b"n", texts[prices]), b".000")
    texts[others] = np.char.add(np.char.add(texts[others], b" "), numbers[others][::-1].astype("S10"))
    return texts


def csv_rows(columns: Sequence[NDArray[Any]]) -> bytes:
    """Return columns of numbers (a negative one is an empty field) and short texts as lines of CSV."""
    pieces: list[NDArray[np.uint8]] = []
    for column in columns:
        characters = _characters(column) if column.dtype.kind == "S" else _digits(column.astype(np.int64))
        pieces += [characters, np.full((len(column), 1), ord(","), np.uint8)]
    pieces[-1] = np.full((len(columns[0]), 1), ord("\n"), np.uint8)
    laid = np.hstack(pieces)
    lines: bytes = laid[laid != 0].tobytes()
    return lines


def _digits(values: NDArray[np.int64]) -> NDArray[np.uint8]:
    width = max(len(str(int(values.max(initial=0)))), 1)
    out = np.zeros((len(values), width), np.uint8)
    rest = values.copy()
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        shown = (rest > 0) | (digit > 0) | (place == width - 1)
        out[:, place] = np.where(shown & (values >= 0), digit + ord("0"), 0)
    # A zero within a number is shown, for what is left of it is above zero; one before it is not.
    return out


def _characters(texts: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), -1)


def main() -> None:
    """Write what the arguments ask for."""
    parser = argparse.ArgumentParser(description="Write a log in RetailRocket's form.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nasty", type=int, default=0, help="so many lines that have to be refused")
    options = parser.parse_args()
    began = time.perf_counter()
    write(options.folder, size=Size.of(options.events), seed=options.seed, nasty=options.nasty)
    print(f"{options.events:,} events in {time.perf_counter() - began:.1f} s in {options.folder}")


if __name__ == "__main__":
    main()
