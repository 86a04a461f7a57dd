"""Raw rows in RetailRocket's form, brought in as the importer would."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from analytics.imports.datasets import open_dataset
from analytics.models import Dataset


def retailrocket(key: str, *, zone: str = "Asia/Seoul") -> Dataset:
    """Return a new dataset with empty raw partitions, whose days begin in the zone."""
    dataset = open_dataset(key=key, form=Dataset.Form.RETAILROCKET)
    Dataset.objects.filter(pk=dataset.pk).update(zone=zone)
    dataset.refresh_from_db()
    return dataset


def clock(text: str, zone: str = "Asia/Seoul", *, fold: int = 0) -> int:
    """Return the milliseconds of a local moment such as ``2026-05-04 10:00:00.000``."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(moment.timestamp() * 1000)


def add_events(dataset: Dataset, rows) -> None:
    """Add lines of events.csv: time, visitor, event, item, transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into warehouse.analytics_rawretailrocketevent"
            " (dataset_id, line, at_ms, visitor, event, item, transaction) values (%s, %s, %s, %s, %s, %s, %s)",
            [(dataset.pk, line, *row) for line, row in enumerate(rows, 2)],
        )


def add_categories(dataset: Dataset, rows) -> None:
    """Add lines of category_tree.csv: category, parent."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into warehouse.analytics_rawretailrocketcategory (dataset_id, line, category, parent)"
            " values (%s, %s, %s, %s)",
            [(dataset.pk, line, *row) for line, row in enumerate(rows, 2)],
        )


def add_item_categories(dataset: Dataset, rows) -> None:
    """Add lines of item_properties: time, item, category."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into warehouse.analytics_rawretailrocketproperty"
            " (dataset_id, part, line, at_ms, item, property, value) values (%s, 1, %s, %s, %s, 'categoryid', %s)",
            [(dataset.pk, line, at_ms, item, str(category)) for line, (at_ms, item, category) in enumerate(rows, 2)],
        )
