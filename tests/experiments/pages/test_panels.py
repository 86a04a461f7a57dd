"""The overview's panel of experiments."""

import pytest

pytestmark = pytest.mark.django_db


def test_overview_names_what_runs(client, running, viewer):
    client.force_login(viewer)
    page = client.get("/").content.decode()
    assert running.name in page
    assert "Nothing is running" not in page


def test_overview_without_experiments_offers_to_design_one_to_those_who_may(client, catalogue, analyst, viewer):
    client.force_login(analyst)
    assert "Design an experiment" in client.get("/").content.decode()
    client.force_login(viewer)
    assert "Design an experiment" not in client.get("/").content.decode()
