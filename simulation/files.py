"""The raw files that an analyst can open elsewhere: data/raw/*.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings


def write_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """Write a file below DATA_DIR/raw, whole or not at all, and return where it is."""
    folder = Path(settings.DATA_DIR) / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return part.replace(path)
