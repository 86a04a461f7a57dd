"""Days of the reporting time zone as moments."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """Return the moment at which the day begins in the reporting time zone."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
