"""The dataset that is always there."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection

from analytics.models.imported import RECEIVED_ID


def ensure_received_dataset(*, apps: Apps = installed, **_signal: Any) -> None:
    """Make the dataset of received events where it is missing: after a flush, which empties what migrations filled.

    Args:
        apps: The models as the last migration left them; they may be of a time before datasets.
    """
    try:
        model = apps.get_model("analytics", "Dataset")
    except LookupError:
        return
    _dataset, is_new = model._default_manager.get_or_create(
        pk=RECEIVED_ID,
        defaults={"key": "received", "name": "Received events", "form": "received", "currency": "KRW"},
    )
    if is_new:  # the next dataset's number comes after the one given here
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)
