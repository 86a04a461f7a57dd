"""Where static files that belong to installed Python packages are found."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import plotly
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

FILES = {"vendor/plotly.min.js": Path(plotly.__file__).parent / "package_data" / "plotly.min.js"}


class PackageStorage(FileSystemStorage):
    """Opens the files under the names they are served by."""

    def path(self, name: str) -> str:
        """Return the file's place in its package."""
        return str(FILES[Path(name).as_posix()])


class PackageFinder(BaseFinder):
    """Serves Plotly from its Python package, so that the repository holds no copy of it."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing can be configured wrongly."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the file's place, or a list of the one place."""
        found = FILES.get(path)
        if find_all:
            return [str(found)] if found else []
        return str(found) if found else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        """Yield each file with the storage that opens it."""
        storage = PackageStorage()
        for name in FILES:
            yield name, storage
