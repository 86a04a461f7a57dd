"""The notebook in docs runs from top to bottom against a live server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import nbformat
import pytest
from django.conf import settings
from nbclient import NotebookClient

from novarium.portal.tokens import create_token

pytestmark = pytest.mark.django_db(transaction=True)
NOTEBOOK = Path(settings.BASE_DIR) / "docs" / "notebooks" / "results.ipynb"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")
def test_the_notebook_draws_the_results(live_server, winner, viewer, monkeypatch):
    _token, secret = create_token(user=viewer, name="notebook", scopes=["read"], lifetime=timedelta(days=1))
    monkeypatch.setenv("NOVARIUM_URL", live_server.url)
    monkeypatch.setenv("NOVARIUM_TOKEN", secret)
    monkeypatch.setenv("PYTHONPATH", str(settings.BASE_DIR))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("hero-discount" in str(output) for output in outputs)
    figures = [output for output in outputs if "application/vnd.plotly.v1+json" in output.get("data", {})]
    assert len(figures) == 2
    assert figures[0]["data"]["application/vnd.plotly.v1+json"]["data"][0]["x"]


def test_the_notebook_is_kept_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
