"""The connections of a build: one that holds the dataset, and others that work beside it.

Locks are Postgres' own and go with their connection, however its process ended. A connection whose client was killed
still finishes its statement: the next build waits for it, or it would commit into what that build does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

BUILD = 0x6D617274  # "mart"; the second key is the dataset
HELPERS = 0x68656C70  # "help"


@contextmanager
def only_build_of(dataset_id: int) -> Iterator[None]:
    """Wait until no other build of the dataset is under way, nor anything that a killed one has left running."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", [BUILD, dataset_id])
        cursor.execute("select pg_advisory_lock(%s, %s)", [HELPERS, dataset_id])
        cursor.execute("select pg_advisory_unlock(%s, %s)", [HELPERS, dataset_id])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [BUILD, dataset_id])


@contextmanager
def beside_build_of(dataset_id: int) -> Iterator[None]:
    """Work for a build on the thread's own connection, which is closed in the end."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock_shared(%s, %s)", [HELPERS, dataset_id])
        yield
    finally:
        connection.close()
