"""The API's groups of operations around experiments: templates and the connections of products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from novarium.client.records import Connection, Experiment, record
from novarium.client.resources import V1, Group


class Templates(Group):
    """Designs that teams begin from."""

    def list(self, *, team: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the templates, newest first."""
        return self._transport.pages(f"{V1}/templates/", {"team": team})

    def keep(self, experiment: str, *, name: str, description: str = "") -> dict[str, Any]:
        """Keep an experiment's design as a template of its team."""
        body = {"experiment": experiment, "name": name, "description": description}
        return dict(self._transport.send("POST", f"{V1}/templates/", json=body).json())

    def start(self, template: int, *, name: str, feature: str | None = None) -> Experiment:
        """Make a draft from a template, on its own feature or another one of the team.

        What the template names and is there no more is in ``more["missing"]``.
        """
        body = {"name": name, **({"feature": feature} if feature else {})}
        told = self._transport.send("POST", f"{V1}/templates/{template}/start/", json=body).json()
        return record(Experiment, {**told["experiment"], "missing": told["missing"]})

    def delete(self, template: int) -> None:
        """Delete a template."""
        self._transport.send("DELETE", f"{V1}/templates/{template}/", repeatable=False)


class Connections(Group):
    """The keys of products."""

    def list(self, *, team: str | None = None) -> Iterator[Connection]:
        """Yield the connections, newest first."""
        return (record(Connection, item) for item in self._transport.pages(f"{V1}/connections/", {"team": team}))

    def create(self, *, team: str, name: str, kind: str, scopes: Sequence[str], **settings: Any) -> Connection:
        """Make a connection; keep its ``key``, which is told this once.

        Args:
            team: Key of a team that you lead.
            name: Of the product.
            kind: ``client`` or ``server``.
            scopes: Of evaluate, ingest, read and manage; no more than your token has.
            settings: origins, per_minute, logs_exposures, expires_at.
        """
        body = {"team": team, "name": name, "kind": kind, "scopes": list(scopes), **settings}
        return record(Connection, self._transport.send("POST", f"{V1}/connections/", json=body).json())

    def change(self, connection: int, **settings: Any) -> Connection:
        """Change the name, origins, rate, end or exposure logging."""
        answer = self._transport.send("PATCH", f"{V1}/connections/{connection}/", json=settings, repeatable=True)
        return record(Connection, answer.json())

    def roll(self, connection: int) -> Connection:
        """Give it another ``key``, told this once; the former one is refused within a second."""
        return record(Connection, self._transport.send("POST", f"{V1}/connections/{connection}/roll/").json())

    def revoke(self, connection: int) -> Connection:
        """End it for good."""
        return record(Connection, self._transport.send("POST", f"{V1}/connections/{connection}/revoke/").json())
