"""Builds in processes of their own, which tests kill: started in milliseconds by a server that has Django loaded."""

from __future__ import annotations

import multiprocessing
import os
import time
from multiprocessing.context import ForkServerProcess
from typing import Any

import django

django.setup()  # in the server of processes nobody has done it

from django.db import connection, connections  # noqa: E402

from analytics.marts import facts  # noqa: E402
from analytics.marts.catalogue import sql_models  # noqa: E402
from analytics.marts.runs import run_build  # noqa: E402
from analytics.models import MartRun  # noqa: E402

Database = dict[str, Any]
VICTIM = "killed build"  # the connections of processes that may be killed


def build_run(number: int, database: Database) -> None:
    """Run a build, or go on with it, in two shards however small it is."""
    os.environ["PGAPPNAME"] = VICTIM
    facts.WORTH_SHARDING = 0
    connections["default"].settings_dict.update(database)
    run_build(MartRun.objects.get(pk=number))


def start(number: int, database: Database) -> ForkServerProcess:
    """Begin with a build, or go on with it, in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=build_run, args=(number, database))
    process.start()
    return process


def finish(number: int, database: Database) -> float:
    """Build to the end; return the seconds it took."""
    began = time.monotonic()
    process = start(number, database)
    process.join(120)
    assert process.exitcode == 0
    return time.monotonic() - began


def everything(dataset_id: int) -> dict[str, list[tuple]]:
    """Return the rows of every kept table of a dataset."""
    found = {}
    with connection.cursor() as cursor:
        for model in sql_models():
            if model.table and model.replaced_by != "always":
                columns = ", ".join(model.columns)
                cursor.execute(f"select {columns} from {model.table} where dataset_id = {dataset_id}")  # noqa: S608
                found[model.name] = sorted(cursor.fetchall(), key=repr)
    return found
