"""The overview page is made of panels that the apps bring.

An app registers a panel in ``AppConfig.ready``; the portal knows nothing of what it shows::

    from novarium.portal import panels
    panels.register(panels.Panel("running", "experiments/panels/running.html", running_context, position=20))

The context function takes the person and returns the template's context, or None to show nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from novarium.portal.models import User


@dataclass(frozen=True, slots=True)
class Panel:
    """One block of the overview; ``wide`` gives it the whole width, else it stands in the narrow column."""

    key: str
    template: str
    context: Callable[[User], dict[str, Any] | None]
    position: int
    wide: bool = True


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel; registering the same key again replaces it."""
    _panels[panel.key] = panel


def registered() -> list[Panel]:
    """Return the panels in the order of the page."""
    return sorted(_panels.values(), key=lambda panel: panel.position)


def shown_to(person: User) -> list[tuple[Panel, dict[str, Any]]]:
    """Return the panels that have something to show to the person, with their contexts."""
    pairs = ((panel, panel.context(person)) for panel in registered())
    return [(panel, context) for panel, context in pairs if context is not None]
