"""The client."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from novarium.client.management import Connections, Templates
from novarium.client.records import Evaluation, Plan, record
from novarium.client.resources import V1, Adoptions, Events, Experiments, Features, Metrics
from novarium.client.results import Results, results_of
from novarium.client.transport import Transport


class Client:
    """A connection to a NovaRium server, with a personal token or the key of a server connection.

    Reads, and what is harmless to repeat, are tried again where the server is away or asks to wait.

    Args:
        base_url: Such as ``https://novarium.example``.
        token: Of a person or connection.
        timeout: Seconds to wait for an answer.
        attempts: How often a request is sent at most.
        first_wait: Seconds before the second attempt; each further wait is twice as long.

    Example:
        >>> with Client("https://novarium.example", token="…") as client:  # doctest: +SKIP
        ...     print(client.results("checkout-green").to_frame())
    """

    def __init__(
        self, base_url: str, token: str, *, timeout: float = 10.0, attempts: int = 4, first_wait: float = 0.2
    ) -> None:
        self._transport = Transport(base_url, token, timeout=timeout, attempts=attempts, first_wait=first_wait)
        self.experiments = Experiments(self._transport)
        self.features = Features(self._transport)
        self.metrics = Metrics(self._transport)
        self.adoptions = Adoptions(self._transport)
        self.events = Events(self._transport)
        self.templates = Templates(self._transport)
        self.connections = Connections(self._transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def results(self, key: str, *, run: int | None = None) -> Results:
        """Return the results of an experiment's run, the newest one by default.

        Raises:
            NotFound: there is no such run, or nobody was exposed yet.
        """
        return results_of(self._transport.send("GET", f"{V1}/experiments/{key}/results/", query={"run": run}).json())

    def evaluate(self, flag: str, unit: str, attributes: Mapping[str, Any] | None = None) -> Evaluation:
        """Return what a unit gets for a flag (OFREP); products use an OpenFeature client rather.

        Raises:
            NotFound: there is no such flag.
        """
        body = {"context": {"targetingKey": unit, **(attributes or {})}}
        answer = self._transport.send("POST", f"/ofrep/v1/evaluate/flags/{flag}", json=body, repeatable=True)
        return record(Evaluation, answer.json())

    def plan(self, metric: str, **numbers: Any) -> Plan:
        """Work out a plan of numbers of your own: baseline, mde, daily_units, weights and what else the API names.

        Example:
            >>> client.plan("cvr", baseline=0.21, mde=0.05, daily_units=1200).total  # doctest: +SKIP
            23960
        """
        body = {"metric": metric, **numbers}
        return record(Plan, self._transport.send("POST", f"{V1}/plan/", json=body, repeatable=True).json())

    def count_audience(self, condition: Mapping[str, Any]) -> dict[str, Any]:
        """Return how many of the units active in the last thirty days meet a condition."""
        body = {"condition": dict(condition)}
        return dict(self._transport.send("POST", f"{V1}/audience/", json=body, repeatable=True).json())

    def archive(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the archive's entries that fit: words, outcome, feature, metric, team, since, until."""
        return list(self._transport.pages(f"{V1}/archive/", wanted))

    def audit(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the changes that fit: actor, team, action, object_type, object_key, since, until."""
        return list(self._transport.pages(f"{V1}/audit/", wanted))
