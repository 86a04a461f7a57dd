"""What the commands that import a log have in common: their options, and progress on the terminal."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.db import InterfaceError, OperationalError

from analytics.imports.datasets import empty_dataset, open_dataset
from analytics.imports.loading import Progress, import_log
from analytics.models import Dataset, ImportFile
from novarium.kernel.errors import DomainError

EVERY = 0.5  # seconds between two lines on a terminal
EVERY_ELSEWHERE = 10.0  # where the lines are kept, as in a log


class ImportCommand(BaseCommand):
    """Import one log; the same call goes on where it was broken off."""

    form: Dataset.Form
    place_help: str

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the place, the dataset and whether to begin anew."""
        parser.add_argument("place", type=Path, help=self.place_help)
        parser.add_argument("--dataset", type=_slug, default=self.form.value.replace("_", "-"), help="its key")
        parser.add_argument("--restart", action="store_true", help="drop what was imported before and begin anew")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say how far it is."""
        self._told_at = 0.0
        try:
            dataset = open_dataset(key=options["dataset"], form=self.form.value)
            if options["restart"]:
                empty_dataset(dataset)
            files = import_log(dataset, options["place"], progress=self._tell)
        except DomainError as error:
            raise CommandError(error.message) from error
        except (OperationalError, InterfaceError) as error:
            message = f"The database went away. The same command goes on after the last commit. ({error})"
            raise CommandError(message) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. The same command goes on after the last commit.", returncode=130) from None
        self._sum_up(dataset, files)

    def _tell(self, progress: Progress) -> None:
        is_terminal = self.stdout.isatty()
        now = time.monotonic()
        if now - self._told_at < (EVERY if is_terminal else EVERY_ELSEWHERE):
            return
        self._told_at = now
        text = sentence(progress)
        if is_terminal:
            self.stdout.write(f"\r\x1b[K{text}", ending="")
            self.stdout.flush()
        else:
            self.stdout.write(text)

    def _sum_up(self, dataset: Dataset, files: list[ImportFile]) -> None:
        if self.stdout.isatty():
            self.stdout.write("\r\x1b[K", ending="")
        for file in files:
            self.stdout.write(f"{file.name:<32} {file.lines:>12,} lines, {file.rejected:,} refused")
        self.stdout.write(f"The dataset “{dataset.key}” is imported.")


def sentence(progress: Progress) -> str:
    """Return how far an import is, in a line."""
    share = progress.bytes_read / max(progress.bytes, 1)
    rate = progress.lines / max(progress.seconds, 1e-9)
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:,.0f} s left"
    return (
        f"{progress.name}: {progress.bytes_read / 1e6:,.1f} of {progress.bytes / 1e6:,.1f} MB ({share:.0%}), "
        f"{progress.lines:,} lines, {rate:,.0f} a second, {progress.rejected:,} refused{left}"
    )


def _slug(text: str) -> str:
    try:
        validate_slug(text)
    except ValidationError as error:
        raise ArgumentTypeError(f"A key has letters, digits, - and _ only, not {text}.") from error
    return text
