"""Analyse an experiment kept in a CSV file."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.csv_analysis import CsvAnalysis, CsvError, CsvRequest, analyse_csv
from analytics.csv_report import analysis_document, render_text


def weight(text: str) -> tuple[str, float]:
    """Read ``VARIANT=WEIGHT``."""
    name, sign, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not sign or not name or value < 0:
        raise ArgumentTypeError(f"{text!r} is not VARIANT=WEIGHT, as control=50")
    return name, value


def level(text: str) -> float:
    """Read an error level."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{text!r} is not a level between 0 and 1")
    return value


class Command(BaseCommand):
    """Print the report of a file with one row per unit.

    Exit status: 0 with a report, 1 if the file cannot be analysed, 2 if the command is wrong.
    """

    help = "Analyse an experiment in a CSV file: one row per unit, a column for its variant, columns of outcomes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV file with a header line, in UTF-8")
        parser.add_argument("--variant", required=True, metavar="COLUMN", help="column that holds the variant")
        parser.add_argument(
            "--metric", required=True, action="append", metavar="COLUMN", help="column of an outcome; may be repeated"
        )
        parser.add_argument("--unit", metavar="COLUMN", help="column that identifies the unit; else each row is one")
        parser.add_argument(
            "--covariate",
            action="append",
            default=[],
            metavar="COLUMN",
            help="column measured before exposure; may be repeated",
        )
        parser.add_argument("--control", metavar="VARIANT", help="the control; by default the first variant, sorted")
        parser.add_argument(
            "--weight",
            action="append",
            type=weight,
            metavar="VARIANT=WEIGHT",
            help="planned share of a variant, to test the sample ratio; may be repeated",
        )
        parser.add_argument(
            "--segment", metavar="COLUMN", help="column known before exposure, to break the result down by"
        )
        parser.add_argument("--alpha", type=level, default=0.05, metavar="LEVEL", help="error level (0.05)")
        parser.add_argument("--json", action="store_true", help="print JSON in place of text")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            analysis = self._analyse(path, options)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{path}: line {_undecodable_line(path)}: not UTF-8 text") from error
        except CsvError as error:
            raise CommandError(f"{path}: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(analysis_document(analysis), indent=2, ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(render_text(analysis))

    def _analyse(self, path: Path, options: dict[str, Any]) -> CsvAnalysis:
        request = CsvRequest(
            variant=options["variant"],
            metrics=tuple(dict.fromkeys(options["metric"])),
            unit=options["unit"],
            covariates=tuple(dict.fromkeys(options["covariate"])),
            control=options["control"],
            weights=dict(options["weight"]) if options["weight"] else None,
            alpha=options["alpha"],
            segment=options["segment"],
        )
        with path.open(encoding="utf-8-sig", newline="") as file:
            return analyse_csv(file=file, request=request)


def _undecodable_line(path: Path) -> int:
    """Return the number of the first line that is not UTF-8."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1
