"""A shop that is open over HTTP."""

import pytest
from django.core.management import call_command

from simulation.swarm import reading, work


@pytest.fixture
def open_shop(transactional_db, catalogue, live_server, settings):
    """The real shop with its catalogue, served over HTTP."""
    call_command("seed_shop", verbosity=0)
    settings.SHOP_BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def offered(open_shop):
    """What the open shop offers now."""
    shop = work.shop(threads=1)
    found = reading.refresh(reading.over_http(shop))
    shop.close()
    return found
