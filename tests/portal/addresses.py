"""Every address of the site, and the sample values that fill its parameters.

Whoever adds a route with a new parameter adds a sample here; the access matrix fails with the name that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# By "namespace:parameter", else by "parameter". The world of the matrix (``test_access_matrix.world``) holds the
# objects that these name; "new" objects may be missing, so that an allowed person gets a 404.
SAMPLES: dict[str, Any] = {
    "experiments:key": "hero-discount",
    "experiments:comment": 1,
    "experiments:template": 1,
    "experiments:layer": "home",
    "results:key": "hero-discount",
    "simulator:key": "hero-discount",
    "simulator:run": 1,
    "archive:entry_id": 1,
    "events:name": "click",
    "events:rejected_id": "00000000-0000-4000-8000-000000000001",
    "features:key": "home-hero-banner",
    "metrics:key": "ctr",
    "api:key": "hero-discount",
    "api:entry_id": 1,
    "api:template": 1,
    "api:comment": 1,
    "api:name": "click",
    "api:connection": 1,
    "api:rejected_id": "00000000-0000-4000-8000-000000000001",
    "portal:team": "novaeats",
    "portal:token_key": "abcdef0123456789",
    "portal:notification": 1,
    "portal:connection": 1,
    "data:pk": 1,
    "data:dataset": "received",
    "data:day": "2026-05-04",
    "data:check": "event_domain",
    "data:name": "summary.txt",
    "data:key": "received",
    "index": 1,
    "shop:rest": "no/such/page",
    "slug": "nothing",
    "number": "1",
}

# Namespaces whose parameters name an object of the team "novaeats": a lead of another team may read it, no more.
TEAM_OWNED = {"experiments", "features", "metrics", "results", "simulator"}

# What may be seen without logging in, on purpose: names, or whole namespaces ("shop:").
LOGIN_FREE = {"healthz", "readyz", "metrics", "portal:login", "portal:language", "shop:"}


@dataclass(frozen=True)
class Address:
    """One route: its full name, its view and its parameters."""

    name: str
    view: Any
    parameters: frozenset[str]

    @property
    def namespace(self) -> str:
        return self.name.rpartition(":")[0]

    def url(self) -> str:
        return reverse(self.name, kwargs={name: self.sample(name) for name in self.parameters})

    def sample(self, parameter: str) -> Any:
        for key in (f"{self.namespace}:{parameter}", parameter):
            if key in SAMPLES:
                return SAMPLES[key]
        raise LookupError(
            f"The route {self.name} has the parameter {parameter!r}; tests/portal/addresses.py has no sample for it. "
            f"Add {self.namespace}:{parameter} to SAMPLES there."
        )


def all_addresses() -> list[Address]:
    """Return every route of the site but the Django admin's own."""
    return list(_walk(get_resolver().url_patterns, (), frozenset()))


def _walk(patterns: Any, namespaces: tuple[str, ...], above: frozenset[str]) -> Iterator[Address]:
    for entry in patterns:
        parameters = above | _parameters(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            if entry.namespace != "admin":
                yield from _walk(entry.url_patterns, inner, parameters)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"The route {entry.pattern} in {namespaces} has no name."
            yield Address(":".join((*namespaces, entry.name)), entry.callback, parameters)


def _parameters(pattern: Any) -> frozenset[str]:
    if hasattr(pattern, "regex") and not hasattr(pattern, "_route"):
        return frozenset(pattern.regex.groupindex)
    return frozenset(pattern.converters)
