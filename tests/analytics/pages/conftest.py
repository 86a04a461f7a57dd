"""A second connection to the test's database."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection


@pytest.fixture
def other_session(db):
    params = connection.get_connection_params()
    wanted = {name: params[name] for name in ("dbname", "user", "password", "host", "port")}
    with psycopg.connect(**wanted, autocommit=True) as other:
        yield other
