"""A server over real HTTP, and clients of people with a token."""

from __future__ import annotations

from datetime import timedelta

import pytest

from novarium.client import Client
from novarium.portal.tokens import create_token
from tests.analytics.conftest import started, winner  # noqa: F401 - a running experiment with visitors


@pytest.fixture
def client_of(live_server):
    made = []

    def client(person, *scopes):
        wanted = scopes or ("read", "manage", "ingest", "evaluate")
        _token, secret = create_token(user=person, name="client", scopes=wanted, lifetime=timedelta(days=1))
        made.append(Client(live_server.url, token=secret, first_wait=0.01))
        return made[-1]

    yield client
    for one in made:
        one.close()
