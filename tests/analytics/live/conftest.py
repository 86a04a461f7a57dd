"""Writers and readers on connections of their own, since only what is committed is read."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import connection

from analytics.live.reader import Reader


@pytest.fixture
def reader(transactional_db):
    """A reader that has begun."""
    made = Reader()
    made.step()
    return made


@contextmanager
def another_connection():
    """A second connection to the test's database, closed at the end."""
    other = connection.copy()
    try:
        yield other
    finally:
        other.close()


def read_all(reader: Reader) -> int:
    """Step until nothing is left; return how many events were new."""
    events = 0
    while True:
        taken = reader.step()
        assert taken is not None
        events += taken.events
        if taken.is_last:
            return events
