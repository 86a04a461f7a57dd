"""What other apps add to an experiment's page: named by address only, shown once that address exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import Resolver404, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Part:
    """A tab or panel at an address in which ``{key}`` stands for the experiment."""

    name: str
    label: str | Promise
    address: str


TABS: tuple[Part, ...] = (Part("results", _("Results"), "/experiments/{key}/results/"),)
PANELS: tuple[Part, ...] = (Part("swarm", _("Swarm"), "/simulator/experiment/{key}/"),)


def tabs_of(key: str, open_tab: str) -> list[dict[str, Any]]:
    """Return the tabs of the experiment's page for the tabs component."""
    own = {
        "design": (_("Design"), reverse("experiments:design", args=[key])),
        **{part.name: (part.label, part.address.format(key=key)) for part in TABS if _exists(part, key)},
        "swarm": (_("Swarm"), reverse("experiments:swarm", args=[key])),
        "discussion": (_("Discussion"), reverse("experiments:discussion", args=[key])),
        "history": (_("History"), reverse("experiments:history", args=[key])),
    }
    if not extra_panels(key):
        own.pop("swarm")
    return [{"label": label, "url": url, "is_open": name == open_tab} for name, (label, url) in own.items()]


def extra_panels(key: str) -> list[Mapping[str, str]]:
    """Return the panels whose addresses exist."""
    return [
        {"name": part.name, "label": str(part.label), "url": part.address.format(key=key)}
        for part in PANELS
        if _exists(part, key)
    ]


def _exists(part: Part, key: str) -> bool:
    try:
        resolve(part.address.format(key=key))
    except Resolver404:
        return False
    return True
