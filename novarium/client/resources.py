"""The API's groups of operations."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from novarium.client.records import Adoption, Experiment, Feature, Metric, Plan, Receipts, Revision, record
from novarium.client.transport import Transport

V1 = "/api/v1"
MOST_EVENTS = 500


class Group:
    """Operations that share a connection."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport


class Experiments(Group):
    """Design, launch, watch and stop experiments."""

    def list(
        self,
        *,
        status: str | None = None,
        team: str | None = None,
        owner: str | None = None,
        feature: str | None = None,
        search: str | None = None,
    ) -> Iterator[Experiment]:
        """Yield the experiments that fit, newest first."""
        query = {"status": status, "team": team, "owner": owner, "feature": feature, "search": search}
        return (record(Experiment, item) for item in self._transport.pages(f"{V1}/experiments/", query))

    def get(self, key: str) -> Experiment:
        """Return an experiment with its design."""
        answer = self._transport.send("GET", f"{V1}/experiments/{key}/")
        return record(Experiment, answer.json(), etag=answer.headers.get("ETag", ""))

    def create(self, *, key: str, name: str, feature: str, **design: Any) -> Experiment:
        """Create a draft; ``design`` has the fields of the API, such as oec, guardrails, variants and mde.

        Example:
            >>> client.experiments.create(  # doctest: +SKIP
            ...     key="checkout-green", name="Green button", feature="checkout-button", oec="cvr", mde=0.05
            ... )
        """
        body = {"key": key, "name": name, "feature": feature, **design}
        return record(Experiment, self._transport.send("POST", f"{V1}/experiments/", json=body).json())

    def change(self, experiment: Experiment, **design: Any) -> Experiment:
        """Change a draft as it was read by ``get``.

        Raises:
            Conflict: somebody changed it since, or it was launched.
        """
        headers = {"If-Match": experiment.etag or "*"}
        answer = self._transport.send("PATCH", f"{V1}/experiments/{experiment.key}/", json=design, headers=headers)
        return record(Experiment, answer.json(), etag=answer.headers.get("ETag", ""))

    def launch(self, key: str) -> Experiment:
        """Freeze the design and start."""
        return self._move(key, "launch")

    def stop(self, key: str, *, note: str = "") -> Experiment:
        """Stop for good."""
        return self._move(key, "stop", note=note)

    def pause(self, key: str, *, note: str = "") -> Experiment:
        """Show everybody the feature's live value for now."""
        return self._move(key, "pause", note=note)

    def resume(self, key: str, *, note: str = "") -> Experiment:
        """Go on after a pause."""
        return self._move(key, "resume", note=note)

    def phases(self, key: str) -> Iterator[dict[str, Any]]:
        """Yield who took part when, the present phase first."""
        return self._transport.pages(f"{V1}/experiments/{key}/phases/", {})

    def ramp(self, key: str, *, expected_phase: int, reason: str = "") -> dict[str, Any]:
        """Take the ramp's next step and return the phase that it opened."""
        body = {"expected_phase": expected_phase, "reason": reason}
        return dict(self._transport.send("POST", f"{V1}/experiments/{key}/ramp/", json=body).json())

    def request_review(self, key: str, *, note: str = "") -> dict[str, Any]:
        """Ask the team's leads for a review and return it."""
        body = {"note": note}
        return dict(self._transport.send("POST", f"{V1}/experiments/{key}/reviews/", json=body).json())

    def withdraw_review(self, key: str, review: int, *, note: str = "") -> dict[str, Any]:
        """Take a request for a review back and return it."""
        body = {"review": review, "note": note}
        return dict(self._transport.send("POST", f"{V1}/experiments/{key}/reviews/withdraw/", json=body).json())

    def checklist(self, key: str) -> dict[str, Any]:
        """Return whether a draft is ready for its launch, with the items that say so.

        Raises:
            Conflict: it is no draft.
        """
        return dict(self._transport.send("GET", f"{V1}/experiments/{key}/checklist/").json())

    def plan(self, key: str, **numbers: Any) -> Plan:
        """Work out an experiment's plan, with other numbers than its own where they are given; nothing is stored.

        Example:
            >>> client.experiments.plan("checkout-green", mde=0.08).days  # doctest: +SKIP
            14
        """
        answer = self._transport.send("POST", f"{V1}/experiments/{key}/plan/", json=numbers, repeatable=True)
        return record(Plan, answer.json())

    def baseline(self, key: str, *, metric: str | None = None) -> dict[str, Any]:
        """Return the OEC, or another metric, as recent history shows it to the experiment.

        Raises:
            NotFound: history does not know it.
        """
        path = f"{V1}/experiments/{key}/baseline/"
        return dict(self._transport.send("GET", path, query={"metric": metric}).json())

    def watch(self, key: str) -> None:
        """Be told from now on of what happens to it."""
        self._transport.send("PUT", f"{V1}/experiments/{key}/watch/", repeatable=True)

    def unwatch(self, key: str) -> None:
        """Be told no more."""
        self._transport.send("DELETE", f"{V1}/experiments/{key}/watch/")

    def comment(self, key: str, text: str) -> dict[str, Any]:
        """Add a comment; ``@name`` tells somebody."""
        body = {"text": text, "submission": str(uuid.uuid4())}
        path = f"{V1}/experiments/{key}/comments/"
        return dict(self._transport.send("POST", path, json=body, repeatable=True).json())

    def reset(self, key: str, *, note: str = "") -> Experiment:
        """Make a draft of it again, as its next run."""
        return self._move(key, "reset", note=note)

    def clone(self, key: str) -> Experiment:
        """Create a draft with the same design."""
        return self._move(key, "clone")

    def delete(self, key: str) -> None:
        """Delete a draft that never ran."""
        self._transport.send("DELETE", f"{V1}/experiments/{key}/", repeatable=False)

    def adopt(self, key: str, **decision: Any) -> dict[str, Any]:
        """Adopt a variant (with run, expected_revision, note, learning); return the archive's entry."""
        answer = self._transport.send("POST", f"{V1}/experiments/{key}/adopt/", json=decision)
        return dict(answer.json())

    def reject(self, key: str, **decision: Any) -> dict[str, Any]:
        """Adopt nothing (with run, note, learning); return the archive's entry."""
        answer = self._transport.send("POST", f"{V1}/experiments/{key}/reject/", json=decision)
        return dict(answer.json())

    def _move(self, key: str, name: str, **body: Any) -> Experiment:
        answer = self._transport.send("POST", f"{V1}/experiments/{key}/{name}/", json=body)
        return record(Experiment, answer.json())


class Features(Group):
    """Features, the values they have and had."""

    def list(self, *, team: str | None = None, surface: str | None = None) -> Iterator[Feature]:
        """Yield the features with their live values."""
        query = {"team": team, "surface": surface}
        return (record(Feature, item) for item in self._transport.pages(f"{V1}/features/", query))

    def get(self, key: str) -> Feature:
        """Return a feature with its live value."""
        answer = self._transport.send("GET", f"{V1}/features/{key}/")
        return record(Feature, answer.json(), etag=answer.headers.get("ETag", ""))

    def change(self, feature: Feature, **served: Any) -> Feature:
        """Switch a feature as it was read by ``get`` (enabled=…) or set its targeted values (targets=…), with a note.

        Raises:
            Conflict: somebody changed it since.
        """
        headers = {"If-Match": feature.etag or "*"}
        answer = self._transport.send("PATCH", f"{V1}/features/{feature.key}/", json=served, headers=headers)
        return record(Feature, answer.json(), etag=answer.headers.get("ETag", ""))

    def create(self, **feature: Any) -> Feature:
        """Declare a feature; its parameters' defaults are its first value."""
        return record(Feature, self._transport.send("POST", f"{V1}/features/", json=feature).json())

    def revisions(self, key: str) -> Iterator[Revision]:
        """Yield the values that the feature has or had, newest first."""
        return (record(Revision, item) for item in self._transport.pages(f"{V1}/features/{key}/revisions/", {}))

    def revise(self, feature: Feature, value: Mapping[str, Any], *, note: str = "") -> Revision:
        """Make a value live in place of the one that was read."""
        body = {"value": dict(value), "expected_revision": feature.revision, "note": note}
        return record(
            Revision, self._transport.send("POST", f"{V1}/features/{feature.key}/revisions/", json=body).json()
        )

    def roll_back(self, feature: Feature, *, to: int, note: str) -> Revision:
        """Bring the value of an earlier revision back."""
        body = {"to": to, "expected_revision": feature.revision, "note": note}
        return record(
            Revision, self._transport.send("POST", f"{V1}/features/{feature.key}/rollback/", json=body).json()
        )


class Metrics(Group):
    """What is measured."""

    def list(self, *, team: str | None = None, type: str | None = None) -> Iterator[Metric]:  # noqa: A002 - the API's name
        """Yield the metrics."""
        query = {"team": team, "type": type}
        return (record(Metric, item) for item in self._transport.pages(f"{V1}/metrics/", query))

    def get(self, key: str) -> Metric:
        """Return a metric."""
        answer = self._transport.send("GET", f"{V1}/metrics/{key}/")
        return record(Metric, answer.json(), etag=answer.headers.get("ETag", ""))

    def create(self, **definition: Any) -> Metric:
        """Define a metric."""
        return record(Metric, self._transport.send("POST", f"{V1}/metrics/", json=definition).json())

    def change(self, metric: Metric, **definition: Any) -> Metric:
        """Change a metric as it was read by ``get``."""
        headers = {"If-Match": metric.etag or "*"}
        answer = self._transport.send("PATCH", f"{V1}/metrics/{metric.key}/", json=definition, headers=headers)
        return record(Metric, answer.json(), etag=answer.headers.get("ETag", ""))


class Adoptions(Group):
    """What was adopted."""

    def list(self, *, feature: str | None = None) -> Iterator[Adoption]:
        """Yield the adoptions, newest first."""
        return (record(Adoption, item) for item in self._transport.pages(f"{V1}/adoptions/", {"feature": feature}))


class Events(Group):
    """What units do."""

    def send(self, events: Sequence[Mapping[str, Any]]) -> Receipts:
        """Send events; one without an id is given one, so that sending again stores nothing twice.

        Example:
            >>> client.events.send([{"name": "purchase", "unit_id": "u1", "amount": 18900}])  # doctest: +SKIP
            Receipts(stored=1, duplicate=0, rejected=0, …)
        """
        named = [{"event_id": new_event_id(), **event} for event in events]
        told: list[dict[str, Any]] = []
        for start in range(0, len(named), MOST_EVENTS):
            batch = {"events": named[start : start + MOST_EVENTS]}
            told.append(self._transport.send("POST", f"{V1}/events", json=batch, repeatable=True).json())
        totals = {name: sum(answer[name] for answer in told) for name in ("stored", "duplicate", "rejected")}
        return record(Receipts, {**totals, "receipts": [item for answer in told for item in answer["receipts"]]})

    def rejected(
        self, *, reason: str | None = None, state: str | None = None, search: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield what the intake refused, the last first; ``state`` is waiting or replayed."""
        query = {"reason": reason, "state": state, "search": search}
        return self._transport.pages(f"{V1}/rejected-events/", query)

    def replay(self, rejected_id: str, payload: Mapping[str, Any]) -> str:
        """Send a refused event as it should have been; return ``stored`` or ``duplicate``.

        Raises:
            Invalid: it is still not right.
            Conflict: it was replayed before.
        """
        path = f"{V1}/rejected-events/{rejected_id}/replay/"
        return str(self._transport.send("POST", path, json={"payload": dict(payload)}).json()["outcome"])

    def replay_all(self, reason: str) -> dict[str, int]:
        """Send all waiting events of a reason again, as they came; return how many were stored."""
        answer = self._transport.send("POST", f"{V1}/rejected-events/replay/", json={"reason": reason}, repeatable=True)
        return dict(answer.json())


def new_event_id() -> str:
    """Return an id that begins with the time (UUID version 7, RFC 9562)."""
    moment = time.time_ns() // 1_000_000
    number = moment << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=number))
