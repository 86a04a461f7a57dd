"""What the page of data quality shows: each check's state, its last days, and what fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.marts.zone import date_of, day_number
from analytics.models import AcceptedFailure, BuiltDay, CheckFailure, CheckResult, Dataset
from analytics.quality.checks import BLOCK, Check, checks

SHOWN_DAYS = 14
NEWEST_RESULTS = 3000
SHOWN_FAILING = 10
STATES: Mapping[str, tuple[str, str | Promise]] = {
    "passed": ("passed", _("Passed")),
    "warning": ("warning", _("Warning")),
    "failed": ("failed", _("Failed")),
    "accepted": ("decided", _("Accepted")),
    "unknown": ("draft", _("Not checked")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a check stands, on a day or now; ``look`` is the badge's state."""

    key: str
    day: date | None = None
    rows: int = 0

    @property
    def look(self) -> str:
        """The state by which the badge chooses tone and shape."""
        return STATES[self.key][0]

    @property
    def label(self) -> str | Promise:
        """The word beside the shape."""
        return STATES[self.key][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A day on which a check fails, with offending rows under their columns."""

    day: date | None
    rows: int
    is_accepted: bool
    reason: str
    columns: Sequence[str]
    samples: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A check on the page; ``more`` days fail besides those shown."""

    check: Check
    now: State
    strip: Sequence[State]
    failing: Sequence[Failing]
    more: int
    seconds: float | None
    at: Any


def lines_of(dataset: Dataset) -> list[Line]:
    """Return every check that suits the dataset, those that fail first."""
    last = BuiltDay.objects.filter(dataset_id=dataset.pk).aggregate(last=Max("day"))["last"]
    days = list(range(last - SHOWN_DAYS + 1, last + 1)) if last is not None else []
    results: dict[str, list[CheckResult]] = {}
    for result in CheckResult.objects.filter(dataset_id=dataset.pk).defer("samples")[:NEWEST_RESULTS]:
        results.setdefault(result.check_name, []).append(result)
    failures: dict[str, list[CheckFailure]] = {}
    for failure in CheckFailure.objects.filter(dataset_id=dataset.pk).select_related("result"):
        failures.setdefault(failure.check_name, []).append(failure)
    accepted = {(row.check_name, row.day): row.reason for row in AcceptedFailure.objects.filter(dataset_id=dataset.pk)}
    lines = [
        _line(check, days, results.get(check.name, []), failures.get(check.name, []), accepted)
        for check in checks()
        if check.suits(dataset.form)
    ]
    worst = ("failed", "warning", "accepted", "unknown", "passed")
    return sorted(lines, key=lambda line: worst.index(line.now.key))


def _line(
    check: Check,
    days: Iterable[int],
    results: Sequence[CheckResult],
    failures: Sequence[CheckFailure],
    accepted: Mapping[tuple[str, int | None], str],
) -> Line:
    newest = results[0] if results else None
    settled = {failure.day for failure in failures if failure.is_accepted}
    if any(not failure.is_accepted for failure in failures):
        key = "failed" if check.severity == BLOCK else "warning"
    elif failures:
        key = "accepted"
    else:
        key = "passed" if newest else "unknown"
    return Line(
        check=check,
        now=State(key=key, rows=sum(failure.rows for failure in failures)),
        strip=[_state(check, day, results, settled) for day in days],
        more=max(len({failure.day for failure in failures}) - SHOWN_FAILING, 0),
        failing=_failing(failures, {day: reason for (name, day), reason in accepted.items() if name == check.name}),
        seconds=newest.seconds if newest else None,
        at=newest.at if newest else None,
    )


def _state(check: Check, day: int, results: Sequence[CheckResult], settled: set[int | None]) -> State:
    """Return what the newest result that covers the day says of it."""
    newest = next((result for result in results if result.first_day <= day <= result.last_day), None)
    if newest is None:
        return State(key="unknown", day=date_of(day))
    rows = newest.days.get(str(day), 0)
    if not rows:
        return State(key="passed", day=date_of(day))
    key = "failed" if check.severity == BLOCK else "warning"
    return State(key="accepted" if day in settled else key, day=date_of(day), rows=rows)


def _failing(failures: Sequence[CheckFailure], reasons: Mapping[int | None, str]) -> list[Failing]:
    by_day: dict[int | None, list[CheckFailure]] = {}
    for failure in failures:
        by_day.setdefault(failure.day, []).append(failure)
    return [_failing_day(day, of_day, reasons.get(day, "")) for day, of_day in list(by_day.items())[:SHOWN_FAILING]]


def _failing_day(day: int | None, failures: Sequence[CheckFailure], reason: str) -> Failing:
    samples = [row for row in failures[0].result.samples if row["day"] == day]
    columns = [name for name in (samples[0] if samples else {}) if name != "day"]
    columns = [name for name in columns if any(row[name] is not None for row in samples)]
    is_accepted = all(failure.is_accepted for failure in failures)
    return Failing(
        day=None if day is None else date_of(day),
        rows=sum(failure.rows for failure in failures),
        is_accepted=is_accepted,
        reason=reason if is_accepted else "",
        columns=columns,
        samples=[[row[name] for name in columns] for row in samples],
    )


def day_asked(text: str) -> int | None:
    """Return the number of a day written as 2026-05-04; None for an empty text.

    Raises:
        ValueError: it is no day.
    """
    return day_number(date.fromisoformat(text)) if text else None
