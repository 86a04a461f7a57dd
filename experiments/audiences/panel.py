"""What the audience's panel shows: the builder, the condition in words, and how many match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from experiments.assignment import conditions
from experiments.audiences import audience
from experiments.audiences.audience import Count
from experiments.audiences.words import describe
from experiments.catalogue.attributes import Attribute
from experiments.forms.audience import AudienceForms, saved, unlisted
from experiments.forms.audience import first_problem as first_problem_of


@dataclass(slots=True)
class Panel:
    """The builder with what follows from it.

    Attributes:
        condition: What the builder says, or None where that is no condition (yet).
        is_saved: It was saved just now.
    """

    forms: AudienceForms
    known: Mapping[str, Attribute]
    condition: Mapping[str, Any] | None = None
    is_saved: bool = False
    count: Count | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Count."""
        if self.condition is not None:
            self.count = audience.matching_units(self.condition)

    @property
    def problem(self) -> str:
        """What keeps the condition from being counted."""
        return first_problem_of(self.forms)

    @property
    def words(self) -> str:
        """Whom it is for."""
        return describe(self.condition or {}, self.known)

    @property
    def unlisted(self) -> list[str]:
        """Attributes that only the condition names; the form sends them back."""
        return unlisted(self.forms, self.known)

    @property
    def changing(self) -> list[Attribute]:
        """The attributes of the rows that change as time goes by."""
        keys = {row.known.key for group in self.forms.groups for row in group.rows if row.known and row.known.changes}
        return [self.known[key] for key in sorted(keys)]

    @property
    def changing_names(self) -> str:
        """Their labels."""
        return ", ".join(str(item.label) for item in self.changing)

    @property
    def figure(self) -> dict[str, Any]:
        """Active and matching units by day."""
        days = self.count.days if self.count else ()
        names = [item.day.isoformat() for item in days]
        return {
            "data": [
                {"type": "bar", "name": _("All active units"), "x": names, "y": [item.total for item in days],
                 "meta": {"tone": "muted"}, "opacity": 0.5},
                {"type": "bar", "name": _("Matching units"), "x": names, "y": [item.matched for item in days],
                 "meta": {"tone": "accent"}},
            ],
            "layout": {
                "barmode": "overlay",
                "xaxis": {"type": "date", "tickformat": "%m-%d", "nticks": 8},
                "yaxis": {"title": {"text": _("Units")}, "rangemode": "tozero"},
                "legend": {"orientation": "h"},
            },
        }  # fmt: skip


def panel_of(condition: Mapping[str, Any], *, as_json: bool = False, is_saved: bool = False) -> Panel:
    """Return the panel of a condition as it stands."""
    known = audience.attributes()
    return Panel(saved(condition, known, as_json=as_json), known, condition, is_saved)


def panel_of_typed(forms: AudienceForms, known: Mapping[str, Attribute]) -> Panel:
    """Return the panel of what was typed; its problems stand in the forms."""
    condition = forms.condition()
    if condition is not None:
        forms.problems.extend(conditions.check(condition))
    return Panel(forms, known, None if forms.problems else condition)
