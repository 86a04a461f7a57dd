"""Refuses a database that a newer version of the code has already changed."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from novarium.local.problem import SetupProblemError


def require_known_migrations() -> None:
    """Compare the migrations that the database has seen with those in the code.

    Libraries drop old migrations when they squash them, so only ours count, and those of apps
    that this code does not have.

    Raises:
        SetupProblemError: The database is newer than the code.
    """
    loader = MigrationLoader(connection)
    unknown = sorted(
        f"{app}.{name}"
        for app, name in set(loader.applied_migrations) - set(loader.disk_migrations)
        if not _is_library(app)
    )
    if unknown:
        raise SetupProblemError(
            f"The database is newer than this code (it has seen {', '.join(unknown)}); update the"
            " code, or start over with make reset."
        )


def _is_library(label: str) -> bool:
    config = next((each for each in apps.get_app_configs() if each.label == label), None)
    return config is not None and "site-packages" in Path(config.path).parts
