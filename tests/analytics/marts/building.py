"""Builds of a small log that tests kill, see tests/killing.py: in two shards, however small it is."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from analytics.imports.datasets import delete_dataset, open_dataset
from analytics.imports.loading import import_log
from analytics.marts import facts
from analytics.marts.catalogue import sql_models
from analytics.marts.runs import build, request_build, run_build
from analytics.models import Dataset, MartRun
from bench import retailrocket

KEY = "killed-builds"


def import_small_log(folder: Path) -> None:
    """Write a small log and import it."""
    retailrocket.write(folder, size=retailrocket.Size(events=6_000, visitors=900, items=120, categories=40))
    import_log(open_dataset(key=KEY, form=Dataset.Form.RETAILROCKET), folder)


def forget_log() -> None:
    """Delete the log and its marts."""
    delete_dataset(_dataset())


def build_by_one() -> dict[str, list[tuple]]:
    """Build on one connection; return what is kept then."""
    build(dataset=_dataset())
    return kept()


def ask_for_build() -> None:
    """Ask for a build of every day."""
    request_build(first=None, dataset=_dataset())


def go_on_with_build() -> None:
    """Run the build that was asked for last, or go on with it."""
    facts.WORTH_SHARDING = 0
    run_build(MartRun.objects.filter(dataset=_dataset()).latest("pk"))


def kept() -> dict[str, list[tuple]]:
    """Return the rows of every kept table of the log."""
    found = {}
    with connection.cursor() as cursor:
        for model in sql_models():
            if model.table and model.replaced_by != "always":
                columns = ", ".join(model.columns)
                cursor.execute(f"select {columns} from {model.table} where dataset_id = {_dataset().pk}")  # noqa: S608
                found[model.name] = sorted(cursor.fetchall(), key=repr)
    return found


def leftovers() -> list[str]:
    """Return the tables of builds that broke off."""
    with connection.cursor() as cursor:
        cursor.execute(
            r"select relname from pg_class where relkind in ('r', 'p') and not relispartition and relname like %s",
            [rf"analytics\_%\_d{_dataset().pk}\_b%"],
        )
        return [name for (name,) in cursor.fetchall()]


def status() -> str:
    """Return how the build that was asked for last stands."""
    return MartRun.objects.filter(dataset=_dataset()).latest("pk").status


def _dataset() -> Dataset:
    return Dataset.objects.get(key=KEY)
