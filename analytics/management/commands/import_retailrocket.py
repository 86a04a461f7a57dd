"""Import the RetailRocket log."""

from __future__ import annotations

from analytics.imports.terminal import ImportCommand
from analytics.models import Dataset


class Command(ImportCommand):
    """Import the RetailRocket log as a dataset."""

    help = "Import the RetailRocket log; the same command goes on where it was broken off."
    form = Dataset.Form.RETAILROCKET
    place_help = "the folder with events.csv"
