"""Import the CDNOW purchase log."""

from __future__ import annotations

from analytics.imports.terminal import ImportCommand
from analytics.models import Dataset


class Command(ImportCommand):
    """Import the CDNOW purchase log as a dataset."""

    help = "Import the CDNOW purchase log; the same command goes on where it was broken off."
    form = Dataset.Form.CDNOW
    place_help = "the file, such as docs/examples/data/cdnow.txt.gz"
