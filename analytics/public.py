"""The door through which other apps use analytics: frozen dataclasses in and out, never models."""

from __future__ import annotations

from datetime import date

from analytics import decisions
from analytics.decisions import Reasons
from analytics.marts.runs import build
from analytics.marts.schedule import install_schedule
from analytics.results import ResultReport, compute
from experiments.public import get_run_design, live_revision
from novarium.portal.models import User

__all__ = [
    "Reasons",
    "ResultReport",
    "adopt_variant",
    "build_marts",
    "install_schedule",
    "reject_experiment",
    "results_of",
]


def results_of(key: str, run_number: int | None = None) -> ResultReport | None:
    """Return the report of an experiment's run (the newest by default), or None while nobody was exposed.

    Raises:
        NotFound: there is no such experiment or run.
    """
    return compute(get_run_design(key, run_number))


def adopt_variant(key: str, *, variant: str, reasons: Reasons, actor: User, stop_first: bool = False) -> int:
    """Adopt a variant of the present run over the value that is live now; return the archive entry's id.

    Raises:
        Forbidden, Invalid, Conflict: see ``analytics.decisions.adopt``.
    """
    run = get_run_design(key)
    entry = decisions.adopt(
        key,
        run_number=run.design.run_number,
        variant=variant,
        expected_revision=live_revision(run.design.feature).number,
        reasons=reasons,
        actor=actor,
        stop_first=stop_first,
    )
    return int(entry.pk)


def reject_experiment(key: str, *, reasons: Reasons, actor: User, stop_first: bool = False) -> int:
    """Reject the present run; return the archive entry's id.

    Raises:
        Forbidden, Invalid, Conflict: see ``analytics.decisions.reject``.
    """
    run = get_run_design(key)
    entry = decisions.reject(key, run_number=run.design.run_number, reasons=reasons, actor=actor, stop_first=stop_first)
    return int(entry.pk)


def build_marts(day: date | None = None) -> int:
    """Build the marts of received events of one day, or of every day, here and now; return the rows written.

    Raises:
        Invalid: the day lies in the future.
    """
    return build(day).rows
