"""Imports that tests kill, see tests/killing.py: in blocks small enough that there are many to be killed between."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from analytics.imports.datasets import delete_dataset, open_dataset
from analytics.imports.loading import import_log
from analytics.models import Dataset
from bench import retailrocket

BLOCK_BYTES = 16_384
KEY = "killed"
ROWS = (
    "select line, at_ms, visitor, event, item, transaction from warehouse.analytics_rawretailrocketevent order by 1",
    "select line, category, parent from warehouse.analytics_rawretailrocketcategory order by 1",
    "select part, line, at_ms, item, property, value from warehouse.analytics_rawretailrocketproperty order by 1, 2",
    "select file_id - min(file_id) over (), line, reason, text from warehouse.analytics_rejectedline order by 1, 2",
    "select name, position, lines, rejected from warehouse.analytics_importfile order by 1",
)


def write_log(folder: Path, *, events: int) -> None:
    """Write a small log with lines that have to be refused."""
    retailrocket.write(folder, size=retailrocket.Size.of(events), nasty=40)


def import_folder(folder: Path) -> None:
    """Import the folder, or go on with it."""
    import_log(open_dataset(key=KEY, form="retailrocket"), folder, block_bytes=BLOCK_BYTES)


def forget_import(_folder: Path) -> None:
    """Delete what was imported."""
    for dataset in Dataset.objects.filter(key=KEY):
        delete_dataset(dataset)


def imported() -> list[list[tuple]]:
    """Return everything that imports wrote, lines and checkpoints."""
    found = []
    with connection.cursor() as cursor:
        for statement in ROWS:
            cursor.execute(statement)
            found.append(cursor.fetchall())
    return found
