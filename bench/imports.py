"""Loading a log in RetailRocket's form: the importer, a binary COPY of the same rows, and DuckDB's read_csv."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from django.db import connection, transaction

from analytics.imports.binary_rows import HEAD, TAIL, Number, binary_rows
from analytics.imports.datasets import delete_dataset, empty_dataset, open_dataset
from analytics.imports.fields import lines_of
from analytics.imports.forms import Source, Verdict
from analytics.imports.loading import copy_statement, import_log
from analytics.imports.reading import blocks
from analytics.imports.retailrocket import EVENT_FILE
from analytics.models import RawRetailRocketEvent
from bench import retailrocket

ROUNDS = 3
EVENTS = retailrocket.EVENTS


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        retailrocket.write(folder, size=retailrocket.Size.of(EVENTS))
        for other in ("category_tree.csv", "item_properties_part1.csv", "item_properties_part2.csv"):
            (folder / other).unlink()  # the three are compared by the events alone
        source = Source(path=folder / "events.csv", form=EVENT_FILE)
        ways: dict[str, Callable[[], None]] = {
            "importer, checked and with checkpoints": lambda: _import(folder),
            "binary COPY of rows made before": _raw_copy(source),
            "DuckDB, read_csv into a table in memory": _duckdb(source.path),
        }
        print(f"{'':42}{'rows a second':>14}")
        rates: dict[str, list[float]] = {way: [] for way in ways}
        for _round in range(ROUNDS):
            for way, act in ways.items():
                began = time.perf_counter()
                act()
                rates[way].append(EVENTS / (time.perf_counter() - began))
                print(f"{way:42}{rates[way][-1]:>14,.0f}")
    importer, copy, duckdb = (median(found) for found in rates.values())
    print(f"median: the importer's rate is {importer / copy:.2f} of the COPY's, {importer / duckdb:.2f} of DuckDB's")
    print("The importer commits each block durably with its checkpoint; DuckDB's table is in memory.")


def _import(folder: Path) -> None:
    dataset = open_dataset(key="bench-import", form="retailrocket")
    import_log(dataset, folder)
    if RawRetailRocketEvent.objects.filter(dataset_id=dataset.pk).count() != EVENTS:
        raise SystemExit("The rows are not there: nothing to compare.")
    delete_dataset(dataset)


def _raw_copy(source: Source) -> Callable[[], None]:
    """Return a COPY, into a partition of its own and in one transaction, of rows that are ready."""
    dataset = open_dataset(key="bench-copy", form="retailrocket")
    pieces: list[bytes] = []
    lines_before = 1
    for block in blocks(source.path):
        lines = lines_of(block.data if block.start else block.data.partition(b"\n")[2])
        numbers = np.arange(len(lines)) + lines_before + 1
        lines_before += len(lines)
        columns = [Number(dataset.pk, ">i2"), Number(numbers, ">i8"), *EVENT_FILE.parse(lines, Verdict.of(lines))]
        pieces += binary_rows(columns, np.arange(len(lines)))

    def copy() -> None:
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(copy_statement(source)) as stream:
            for piece in (HEAD, *pieces, TAIL):
                stream.write(piece)
        empty_dataset(dataset)

    return copy


def _duckdb(path: Path) -> Callable[[], None]:
    try:
        import duckdb  # noqa: PLC0415 - a peer: only for developers
    except ImportError:
        raise SystemExit("DuckDB is not installed: nothing to compare with.") from None

    def read() -> None:
        with duckdb.connect() as database:
            database.execute("create table events as select * from read_csv(?)", [str(path)])
            if database.execute("select count(*) from events").fetchone() != (EVENTS,):
                raise SystemExit("DuckDB has other rows: nothing to compare.")

    return read
