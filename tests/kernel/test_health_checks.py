"""A kept connection is checked between requests, never within a transaction."""

from __future__ import annotations

import time

import pytest
from django.db import connection, transaction

from novarium.kernel.postgres.base import HEALTH_CHECK_SECONDS


@pytest.mark.django_db(transaction=True)
def test_a_transaction_outlasts_the_time_between_two_checks():
    for seconds in (0, HEALTH_CHECK_SECONDS * 1.1):
        connection.close_if_unusable_or_obsolete()  # as at the start of each request
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select 1")
            time.sleep(seconds)
    assert connection.get_autocommit()
