"""Brings database, translations, static files and demo data to where the code is.

Run as ``python -m novarium.local.prepare`` in the environment of the running servers. Every step
may be repeated; all of them share one process, because starting Django costs a second.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.management import CommandError, call_command

from novarium.local.checks import require_known_migrations
from novarium.local.console import step
from novarium.local.problem import SetupProblemError


def main() -> int:
    """Run all steps; return 1 and say what is wrong when one fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novarium.settings")
    try:
        with step("Code"):
            django.setup()
        with step("Database roles, tables and rights"):
            require_known_migrations()
            call_command("provision", verbosity=0)
        with step("Translations"):
            call_command("messages", "--compile", verbosity=0)
        with step("Static files"):
            call_command("collectstatic", interactive=False, verbosity=0)
        with step("Demo data", streams=True):
            call_command("seed", "--demo")
    except (CommandError, SetupProblemError) as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
