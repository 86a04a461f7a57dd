"""The checks: SQL files that return offending rows, with a header that says how bad it is and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.marts.catalogue import SqlModel, parts_in, read_model, root
from analytics.quality.words import ACTIONS, DESCRIPTIONS, LABELS
from novarium.portal.roles import Role

Stage = Literal["before_marts", "before_kpis", "after"]
STAGES: tuple[Stage, ...] = ("before_marts", "before_kpis", "after")
Held = Literal["marts", "kpis", "exports", "decisions"]
HELD: tuple[Held, ...] = ("marts", "kpis", "exports", "decisions")
BLOCK, WARN = "block", "warn"
OWNER_LABELS: dict[str, str | Promise] = {
    Role.ANALYST: _("Analysts"),
    Role.LEAD: _("Leads"),
    Role.ADMIN: _("Administrators"),
}
STAGE_LABELS: dict[str, str | Promise] = {
    "before_marts": _("Before the marts"),
    "before_kpis": _("Before the KPIs"),
    "after": _("After the build"),
}
HELD_LABELS: dict[str, str | Promise] = {
    "marts": _("marts"),
    "kpis": _("KPIs"),
    "exports": _("exports"),
    "decisions": _("decisions"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Attributes:
        model: Its file. The select's first columns are ``day`` (empty: the whole dataset), ``event`` (empty: every
            event) and ``run_id`` (empty: every experiment): what an offending row touches.
        severity: ``block`` or ``warn``; a warning holds nothing.
        owner: The role whose people are told.
        action: What to do about offending rows.
        holds: What a failure stops on its days.
        forms: Forms of datasets that it is for; empty for all.
    """

    name: str
    stage: Stage
    model: SqlModel
    severity: str
    owner: str
    action: str
    holds: frozenset[str]
    forms: frozenset[str]

    @property
    def label(self) -> str | Promise:
        """What it is called."""
        return LABELS[self.name]

    @property
    def description(self) -> str | Promise:
        """What it looks for, in the reader's language."""
        return DESCRIPTIONS[self.name]

    @property
    def advice(self) -> str | Promise:
        """The action in the reader's language."""
        return ACTIONS[self.name]

    @property
    def place(self) -> str | Promise:
        """Where in a build it stands."""
        return STAGE_LABELS[self.stage]

    @property
    def told(self) -> str | Promise:
        """Who is told."""
        return OWNER_LABELS[self.owner]

    @property
    def held(self) -> list[str | Promise]:
        """What a failure stops."""
        return [label for key, label in HELD_LABELS.items() if key in self.holds]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names, as in the lineage, of what it reads; in place of events as received, the tables that hold them."""
        found: dict[str, None] = {}
        for name in self.model.reads:
            folders = {"raw_event": self._raw_folders(), "raw_purchase": ["quality/raw_purchase"]}.get(name)
            parts = [part for folder in folders or () for part in parts_in(folder)]
            names = [read for part in parts for read in part.reads] or [name]
            found |= dict.fromkeys(each.rpartition(".")[2] for each in names)
        return tuple(found)

    def _raw_folders(self) -> list[str]:
        forms = sorted(folder.name for folder in (root() / "quality" / "raw_event").iterdir() if folder.is_dir())
        return [f"quality/raw_event/{form}" for form in forms if self.suits(form)]

    def suits(self, form: str) -> bool:
        """Whether datasets of the form are checked."""
        return not self.forms or form in self.forms


@cache
def checks() -> tuple[Check, ...]:
    """Return all checks in the order of their stages.

    Raises:
        ValueError: a header names a severity, an owner or something held that there is not.
    """
    folder = root() / "checks"
    return tuple(_check(read_model(file), stage) for stage in STAGES for file in sorted((folder / stage).glob("*.sql")))


def checks_of(stage: str, form: str) -> list[Check]:
    """Return the checks of a stage that suit a form of dataset."""
    return [check for check in checks() if check.stage == stage and check.suits(form)]


def check_named(name: str) -> Check | None:
    """Return a check by its name, or None."""
    return next((check for check in checks() if check.name == name), None)


@cache
def guards() -> Mapping[str, tuple[Check, ...]]:
    """Return the checks that read each table, by its name in the lineage."""
    found: dict[str, tuple[Check, ...]] = {}
    for check in checks():
        for table in check.tables:
            found[table] = (*found.get(table, ()), check)
    return found


def holding(what: Held) -> list[str]:
    """Return the names of the checks that hold this."""
    return [check.name for check in checks() if what in check.holds]


def _check(model: SqlModel, stage: Stage) -> Check:
    facts = model.facts
    holds = _words(facts.get("holds", "")) - {"nothing"}
    severity, owner = facts.get("severity", ""), facts.get("owner", "")
    if severity not in {BLOCK, WARN} or owner not in OWNER_LABELS or not holds <= set(HELD) or not facts.get("action"):
        raise ValueError(f"{model.path} states no severity, owner, action or no known thing that it holds")
    return Check(
        name=model.name,
        stage=stage,
        model=model,
        severity=severity,
        owner=owner,
        action=facts["action"],
        holds=holds,
        forms=_words(facts.get("forms", "")),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())
