"""The marts on Spark, inside the worker and on a cluster of two workers: the rows and types that Postgres leaves."""

# ruff: noqa: F811 - fixtures of the other tests, whose data this is, too
from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from analytics.marts.engines import open_session
from analytics.marts.runs import build, request_build, run_build
from analytics.marts.scope import scope_of
from analytics.marts.stages import extra
from analytics.models import MartRun
from novarium.local.ports import free_port
from tests.analytics.marts.test_by_hand import built, dataset, everything  # noqa: F401 - fixtures
from tests.analytics.marts.test_late_events import everything as everything_received
from tests.analytics.marts.test_recomputed import KEPT, SMALL, fingerprint, imported, rules  # noqa: F401 - a fixture
from tests.local.running import eventually

pytestmark = pytest.mark.django_db
needs_spark = pytest.mark.skipif(
    not (importlib.util.find_spec("pyspark") and shutil.which("java")),
    reason="needs Java 17 and: .venv/bin/pip install 'pyspark>=4.1,<5' (456 MB, in no lock)",
)
LOOPBACK = "127.0.0.1"
TYPES = {"bigint": "bigint", "int": "integer", "string": "text", "smallint": "smallint"}


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    """Spark's configuration as its administrators would keep it, here for tables of a few rows."""
    folder = tmp_path_factory.mktemp("conf")
    (folder / "spark-defaults.conf").write_text("spark.sql.shuffle.partitions 4\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setenv("SPARK_LOCAL_IP", LOOPBACK)
        yield


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, configured):
    """A master and two workers of one core each, processes of their own on loopback."""
    home = Path(importlib.util.find_spec("pyspark").origin).parent
    logs = tmp_path_factory.mktemp("spark")
    port, page = free_port(), free_port()
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_NO_DAEMONIZE": "1"}
    deploy = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy"]
    where, master = ["--host", LOOPBACK], f"spark://{LOOPBACK}:{port}"

    def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [deploy[0], f"{deploy[1]}.{name}", *where, *arguments]
        log = stack.enter_context((logs / f"{name.replace('.', '-')}{len(started)}.log").open("wb"))
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        stack.callback(process.wait)
        stack.callback(process.kill)
        started.append(process)
        return process

    started: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:
        start("master.Master", "--port", str(port), "--webui-port", str(page))
        for number in range(2):
            limits = ["--cores", "1", "--memory", "1g", "--work-dir", str(logs / f"work{number}")]
            start("worker.Worker", *limits, "--webui-port", str(free_port()), master)
        told = logs / "master-Master0.log"
        assert eventually(lambda: told.read_text().count("Registering worker") == 2), "".join(
            path.read_text() for path in logs.glob("*.log")
        )
        yield master


@pytest.fixture(params=["local[2]", "cluster"])
def spark(request, settings, tmp_path, configured):
    """Spark inside the worker, and the cluster."""
    settings.SPARK_MASTER = request.param
    if request.param == "cluster":
        settings.SPARK_MASTER = request.getfixturevalue("cluster")
        settings.SPARK_FOLDER = str(tmp_path)
    return settings.SPARK_MASTER


@needs_spark
@pytest.mark.slow
def test_spark_makes_the_same_integers_of_the_same_types(tmp_path, rules, spark):
    dataset = imported(tmp_path / "log", SMALL)
    build(dataset=dataset)
    with open_session("spark", scope_of(dataset)) as session, connection.cursor() as cursor:
        for model in KEPT:
            session.make(model.name, extra=extra())
            frame = session.spark.table(model.name).select(*model.columns)
            order = [frame[name].asc_nulls_last() for name in model.columns]
            made = [tuple(row) for row in frame.orderBy(*order).collect()]
            columns = ", ".join(model.columns)
            cursor.execute(f"select {columns} from {model.table} where dataset_id = {dataset.pk}")  # noqa: S608
            kept = sorted(cursor.fetchall(), key=lambda row: tuple((value is None, value) for value in row))
            assert made or model.name == "experiment_units", model.name  # a log has no experiments
            assert fingerprint(made) == fingerprint(kept), model.name
            cursor.execute(
                "select column_name, data_type from information_schema.columns"
                " where table_schema || '.' || table_name = %s",
                [model.table],
            )
            types = dict(cursor.fetchall())
            assert {name: TYPES[kind] for name, kind in frame.dtypes} == {name: types[name] for name in model.columns}


@needs_spark
@pytest.mark.slow
def test_spark_leaves_what_postgres_does(built, winner, spark):
    build()
    imported_rows, received = everything(built), everything_received()
    for which in (built, None):  # None is what is received
        run = run_build(request_build(first=None, dataset=which, engine="spark"))
        assert (run.status, run.problem) == ("done", "")
    assert everything(built) == imported_rows
    assert everything_received() == received
    assert len(received["experiment_units"]) == 2_010


@needs_spark
@pytest.mark.slow
def test_a_master_that_is_not_there_is_named(built, settings, tmp_path):
    with socket.socket() as unheard:
        unheard.bind((LOOPBACK, 0))
        settings.SPARK_MASTER = f"spark://{LOOPBACK}:{unheard.getsockname()[1]}"
        settings.SPARK_FOLDER = str(tmp_path)
        with pytest.raises(CommandError, match=f"{settings.SPARK_MASTER} cannot be reached"):
            call_command("build_marts", "--full", "--dataset", built.key, "--engine", "spark")
    assert MartRun.objects.latest("pk").status == "failed"
