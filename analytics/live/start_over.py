"""Begin anew: everything that is kept is computed from the raw events by the next step."""

from __future__ import annotations

from django.db import connection, transaction

from analytics.models import LiveArm, LiveCheckpoint, LiveRun, LiveSum, LiveTotal, LiveUnit, LiveWindow
from novarium.kernel import sql


def start_over() -> None:
    """Drop the checkpoint and what is kept; rows of transactions that Postgres does not know count as old.

    After a dump was loaded into another cluster, its rows carry transactions of the old one, which the new one has yet
    to reach; they are given this transaction instead.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table warehouse.analytics_livecheckpoint in access exclusive mode")
        for model in (LiveCheckpoint, LiveRun, LiveUnit, LiveArm, LiveTotal, LiveSum, LiveWindow):
            cursor.execute(f"truncate warehouse.{model._meta.db_table}")
        for table in ("event", "exposure"):
            sql.execute(f"analytics/sql/live/{table}s_of_this_database.sql")
