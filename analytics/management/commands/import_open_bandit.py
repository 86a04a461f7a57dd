"""Import the Open Bandit sample."""

from __future__ import annotations

from analytics.imports.terminal import ImportCommand
from analytics.models import Dataset


class Command(ImportCommand):
    """Import the Open Bandit sample as a dataset."""

    help = "Import the Open Bandit sample; the same command goes on where it was broken off."
    form = Dataset.Form.OPEN_BANDIT
    place_help = "the file, such as docs/examples/data/open_bandit.csv.gz"
