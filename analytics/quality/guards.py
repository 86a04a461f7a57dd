"""Which checks look at which table, from the headers of their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from analytics.marts.catalogue import read_model, root
from analytics.quality.checks import Check, checks


@cache
def guards() -> Mapping[str, tuple[Check, ...]]:
    """Return the checks of each table and model, by its name without a schema.

    Of raw events, which each form of dataset has in other tables, those of the forms that the check is for are meant.
    """
    found: dict[str, list[Check]] = {}
    for check in checks():
        for name in dict.fromkeys(name for read in check.model.reads for name in _tables(read, check)):
            found.setdefault(name, []).append(check)
    return {name: tuple(listed) for name, listed in found.items()}


def _tables(name: str, check: Check) -> Iterator[str]:
    folder = root() / "quality" / name
    if not folder.is_dir():
        yield name.rpartition(".")[2]
    for file in sorted(folder.rglob("*.sql")):
        if file.parent == folder or check.suits(file.parent.name):
            for read in read_model(file).reads:
                yield from _tables(read, check)
