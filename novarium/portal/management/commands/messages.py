"""Keep the Korean catalogue in step with the code."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from novarium.portal import catalogue

LOCALE = "ko"


class Command(BaseCommand):
    """Update, compile or check ``locale/ko/LC_MESSAGES/django.po``."""

    help = (
        "Update the Korean catalogue from the code; --compile writes what Django reads, --check lists what is missing."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's

    def add_arguments(self, parser: ArgumentParser) -> None:
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--compile", action="store_true", help="Write the .mo file and change nothing else.")
        mode.add_argument("--check", action="store_true", help="Fail if a message is missing, empty, fuzzy or broken.")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES" / "django.po"
        catalog = catalogue.load(path, LOCALE)
        if options["compile"]:
            catalogue.compile_catalogue(catalog, path.with_suffix(".mo"))
            self.stdout.write(f"{len(catalog)} messages compiled.")
            return
        template = catalogue.extracted(Path(settings.BASE_DIR))
        if options["check"]:
            self._check(catalogue.gaps(catalog, template))
            return
        fresh = catalogue.updated(catalog, template)
        catalogue.save(fresh, path)
        self.stdout.write(f"{len(fresh)} messages, {len(catalogue.gaps(fresh, template))} to translate.")

    def _check(self, gaps: list[catalogue.Gap]) -> None:
        for gap in gaps:
            self.stdout.write(f"{gap.reason}: {gap.msgid}")
        if gaps:
            raise CommandError(
                f"{len(gaps)} messages are not ready. Fill them in locale/{LOCALE}/LC_MESSAGES/django.po."
            )
        self.stdout.write("The catalogue is complete.")
