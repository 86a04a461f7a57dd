"""Forgetting ids of events that were received so long ago that nobody sends them again."""

from __future__ import annotations

from datetime import datetime, timedelta

from experiments.events.validation import MAX_AGE
from experiments.models import ReceivedEventId


def forget_event_ids(*, now: datetime, days: int) -> int:
    """Delete old claims; an event of that age is refused for its time, unless it comes with another one.

    Args:
        now: The present moment.
        days: For how long ids are kept: more than an event may be old.

    Returns:
        How many ids were forgotten.

    Raises:
        ValueError: an event could be sent again after its id was forgotten.
    """
    if days <= MAX_AGE.days:
        raise ValueError(f"Ids must be kept for more than the {MAX_AGE.days} days that an event may be old.")
    deleted, _by_table = ReceivedEventId.objects.filter(received_at__lt=now - timedelta(days=days)).delete()
    return deleted
