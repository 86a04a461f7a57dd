"""The marts on Spark: raw rows go there as Parquet, tables come back as Parquet, through one folder.

For what one machine does not hold. In a cluster the folder (``SPARK_FOLDER``) is on a disk that the workers share; they
need neither Python nor a connection to Postgres. Each kept table is written once and read from there, so that a lost
worker costs its part of one table only.
"""

from __future__ import annotations

import logging
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from psycopg import sql

from analytics.marts.catalogue import SqlModel
from analytics.marts.duck import database_in, rows_of
from analytics.marts.engines import BLOCK, EngineFailed, Session
from analytics.marts.scope import Scope
from analytics.marts.tables import ORDER

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame, SparkSession

MEMORY = "200MB"  # of DuckDB, which turns CSV into Parquet and back
ROW_GROUP = 200_000  # rows; what one task reads at the least
CONNECT_SECONDS = 5.0
OPTIONS: dict[str, bool | float | int | str | None] = {
    "spark.app.name": "NovaRium marts",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, as in Postgres, and no other number
    # Parquet packs numbers tightly: a table that a worker could never hold looks small enough to send to each.
    "spark.sql.autoBroadcastJoinThreshold": "1m",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# Only this machine talks to a Spark inside the worker; what a cluster sees is for its administrators to say.
LOCAL_OPTIONS: dict[str, bool | float | int | str | None] = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",  # with the usual 200, small tables are mostly tasks that have nothing to do
}


class SparkBuild(Session):
    """A build under way in Spark."""

    def __init__(self, scope: Scope, folder: Path, spark: SparkSession, converter: duckdb.DuckDBPyConnection) -> None:
        super().__init__(scope, folder)
        self.spark = spark
        self._converter = converter

    def create(self, model: SqlModel, values: Mapping[str, Any]) -> None:
        """Write what a model selects where it is kept; leave the others to those that read them."""
        text = model.text
        for name in values:
            text = text.replace(f"%({name})s", f":{name}")
        with _told():
            selected = self.spark.sql(text, args=dict(values))
            if model.table:
                place = self._place(model.name)
                selected.write.parquet(place.as_uri())
                selected = self._kept(place)
            selected.createOrReplaceTempView(model.name)

    def alias(self, name: str, *, of: str) -> None:
        """Give a view a second name."""
        with _told():
            self.spark.table(of).createOrReplaceTempView(name)

    def forget(self, name: str) -> None:
        """Leave it in its folder until the end: views that are not read yet may need it."""

    def read_file(self, name: str, path: Path, columns: Mapping[str, str]) -> None:
        """Turn a file into Parquet."""
        place = self._place(name)
        self._converter.execute(
            f"copy (select * from {rows_of(path, columns)}) to '{place}'"  # noqa: S608 - names of our own
            f" (format parquet, row_group_size {ROW_GROUP})"
        )
        with _told():
            self._kept(place).createOrReplaceTempView(name)

    def _copy(self, cursor: Any, model: SqlModel, table: str) -> int:
        """Send a kept table as it is streamed from its files."""
        path, columns = self.folder / f"{model.name}-back.csv", (*model.columns, "dataset_id")
        listed = ", ".join(f'"{column}"' for column in columns)
        source = f"select *, {self.scope.dataset_id} as dataset_id from '{self._place(model.name)}/*.parquet'"  # noqa: S608
        order = f"order by {ORDER[model.name]}" if model.name in ORDER else ""
        self._converter.cursor().execute(
            f"copy (select {listed} from ({source}) {order}) to '{path}' (format csv, header false)"  # noqa: S608 - our own
        )
        return _copy_in(cursor, path, table, columns)

    def _place(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def _kept(self, place: Path) -> DataFrame:
        return self.spark.read.parquet(place.as_uri())


@contextmanager
def open_session(scope: Scope) -> Iterator[SparkBuild]:
    """Start an application on the Spark of ``SPARK_MASTER``.

    Raises:
        ModuleNotFoundError: An optional package, ``pyspark`` or ``duckdb``, is not installed.
        EngineFailed: The master cannot be reached, or its workers share no folder with us.
    """
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra

    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of every connection
    is_local = settings.SPARK_MASTER.startswith("local")
    if not is_local:
        _check_cluster()
    options = OPTIONS | {"spark.master": settings.SPARK_MASTER} | (LOCAL_OPTIONS if is_local else {})
    with (
        tempfile.TemporaryDirectory(prefix="novarium-marts-", dir=settings.SPARK_FOLDER or None) as folder,
        database_in(folder, MEMORY) as converter,
    ):
        with _told():
            spark = SparkSession.builder.config(map=options).getOrCreate()
        try:
            spark.sparkContext.setLogLevel("ERROR")
            yield SparkBuild(scope, Path(folder).resolve(), spark, converter)
        finally:
            spark.stop()


def _check_cluster() -> None:
    """Refuse at once what Spark would find out after minutes."""
    if not settings.SPARK_FOLDER:
        raise EngineFailed(_("Set SPARK_FOLDER to a folder that this machine and the workers of Spark share."))
    parts = urlsplit(settings.SPARK_MASTER)
    if parts.scheme != "spark":  # YARN and Kubernetes know their masters themselves
        return
    for address in parts.netloc.split(","):
        host, _colon, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    told = _("Spark's master %(master)s cannot be reached; set SPARK_MASTER.")
    raise EngineFailed(told % {"master": settings.SPARK_MASTER})


@contextmanager
def _told() -> Iterator[None]:
    """Turn what Spark and its Java process raise into one error with its first line."""
    from py4j.protocol import Py4JError, Py4JJavaError  # noqa: PLC0415 - comes with the extra
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        problem = str(error.java_exception) if isinstance(error, Py4JJavaError) else str(error)
        raise EngineFailed(_("Spark: %(problem)s") % {"problem": problem.strip().split("\n")[0]}) from error


def _copy_in(cursor: Any, path: Path, table: str, columns: Sequence[str]) -> int:
    """Add the rows of a CSV file to a table of the warehouse; return how many. The file goes."""
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with path.open("rb") as file, cursor.copy(statement) as copy:
        while block := file.read(BLOCK):
            copy.write(block)
    path.unlink()
    return int(cursor.rowcount)
