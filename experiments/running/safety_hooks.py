"""Where the checks between a ramp's steps plug in: analytics registers a guard, the ramp asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from experiments.designs.design import RunDesign
from novarium.portal import numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """What the data of a run say about going on.

    Attributes:
        units: Units exposed in all variants.
        fewest: Units of the variant that has the fewest.
        needed: Units that each variant needs before the checks mean anything.
        mismatch: Whether the sample ratio does not match the plan; None where it cannot be told.
        harmed: Names of the guardrails that a variant harms.
    """

    units: int = 0
    fewest: int = 0
    needed: int = 0
    mismatch: bool | None = None
    harmed: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether every variant has the units that the checks need."""
        return self.fewest >= self.needed

    def objections(self) -> list[str]:
        """Return what speaks against going on, in sentences; empty when nothing does."""
        found = []
        if self.mismatch:
            found.append(_("The sample ratio does not match the plan."))
        found += [_("The guardrail %(name)s is harmed.") % {"name": _(name)} for name in self.harmed]
        if not self.is_enough:
            counts = {"fewest": numbers.number(self.fewest), "needed": numbers.number(self.needed)}
            found.append(_("One variant has %(fewest)s units; the checks need %(needed)s in each.") % counts)
        return found


class Guard(Protocol):
    """Who can read a run's data."""

    def check(self, run: RunDesign) -> Safety:
        """Say what the data tell by now."""
        ...


_guard: Guard | None = None


def register(guard: Guard) -> None:
    """Make this the guard; called from ``AppConfig.ready``."""
    global _guard  # noqa: PLW0603 - the one guard of the process
    _guard = guard


def check(run: RunDesign) -> Safety:
    """Return what the guard says; without a guard nobody knows, so there is never enough to go on."""
    return _guard.check(run) if _guard else Safety(needed=1)
