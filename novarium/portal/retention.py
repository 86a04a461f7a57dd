"""Forgetting messages that nobody looks for any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from novarium.portal.models import Delivery, Notification


def forget_messages(*, now: datetime, days: int) -> int:
    """Delete old notifications, and deliveries that are over; what still waits to be sent stays.

    Args:
        now: The present moment.
        days: For how long they are kept.

    Returns:
        How many rows were deleted.
    """
    before = now - timedelta(days=days)
    notifications, _by_table = Notification.objects.filter(created_at__lt=before).delete()
    over = Delivery.objects.filter(created_at__lt=before).exclude(status=Delivery.Status.PENDING)
    deliveries, _by_table = over.delete()
    return notifications + deliveries
