"""Programs with tokens of people."""

from __future__ import annotations

import pytest

from tests.experiments.api.calling import Caller, Sender


@pytest.fixture
def reader(viewer):
    return Caller(viewer, "read")


@pytest.fixture
def manager(analyst):
    return Caller(analyst, "read", "manage")


@pytest.fixture
def sender(analyst):
    return Sender(analyst, "ingest")


@pytest.fixture
def leading(lead):
    return Caller(lead, "read", "manage")
