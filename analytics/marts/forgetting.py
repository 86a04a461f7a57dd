"""Forget a dataset's marts, as its deletion does."""

from __future__ import annotations

from django.db import connection, transaction
from psycopg import sql

from analytics.marts import tables
from analytics.marts.catalogue import sql_models
from analytics.models import BuiltDay, DirtyDay, NameKey


def forget_marts(dataset_id: int) -> None:
    """Drop what was built of a dataset, and the numbers of its texts."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables.drop(cursor, dataset_id=dataset_id)
        for model in sql_models():
            if model.table and model.replaced_by != "always":
                table = sql.Identifier(*model.table.split("."))
                cursor.execute(sql.SQL("delete from {} where dataset_id = %s").format(table), [dataset_id])
        for kept in (BuiltDay, DirtyDay, NameKey):
            kept.objects.filter(dataset_id=dataset_id).delete()
