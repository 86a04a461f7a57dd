"""The left navigation: which pages there are and which one is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the navigation; ``namespace`` marks it open for every page of that URL namespace."""

    label: str | Promise
    url_name: str
    namespace: str


ENTRIES: tuple[Entry, ...] = (Entry(_("Overview"), "portal:overview", "portal"),)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates the navigation entries and the open one."""
    match = request.resolver_match
    return {"navigation": ENTRIES, "open_namespace": match.namespace if match else ""}
