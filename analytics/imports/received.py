"""The dataset that is always there."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps

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
    model._default_manager.get_or_create(
        pk=RECEIVED_ID,
        defaults={"key": "received", "name": "Received events", "form": "received", "currency": "KRW"},
    )
