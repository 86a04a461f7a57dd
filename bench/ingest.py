"""Events a second through HTTP batches of 500, against a binary COPY of the same rows into the same table."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

import orjson
import urllib3
from django.db import connection

from bench.processes import Server, web_server
from experiments.events.ids import new_event_id
from experiments.events.partitions import ensure_days
from experiments.events.rows import event_rows
from experiments.events.store import COPY_EVENTS
from experiments.events.validation import ParsedEvent, Validator, time_bounds
from experiments.installation import install_catalogue
from experiments.models import Event
from novarium.portal import connections
from novarium.portal.connections import Settings
from novarium.portal.models import Connection, Membership, Team, User
from novarium.portal.models.connection import MOST_PER_MINUTE
from novarium.portal.roles import Role

ROUNDS = 3
ROWS = 60_000
BATCH = 500
SMALL = 20
SMALL_ROWS = 8_000
SINGLE_ROWS = 1_500
SENDERS = 4
AIM = 1 / 3


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends bodies over kept connections."""

    headers: dict[str, str]
    pool: urllib3.HTTPConnectionPool

    def send(self, body: bytes) -> int:
        """Return how many events of the body were stored."""
        answer = self.pool.request("POST", "/api/v1/events", body=body, headers=self.headers, retries=False)
        if answer.status != 200:
            raise SystemExit(f"The server answered {answer.status}: {answer.data[:300]!r}")
        return int(orjson.loads(answer.data)["stored"])


def main() -> None:
    """Print the table."""
    secret = _prepare()
    with web_server() as server:
        sender = _sender(server, secret)
        _over_http(sender, _bodies(2_000, BATCH), 2_000)  # warm
        print(f"{'':34}{'rows a second':>14}{'of the COPY':>14}")
        ratios: dict[str, list[float]] = {}
        for _round in range(ROUNDS):
            raw = _measured("binary COPY", _copy_of(ROWS), ROWS, None)
            for name, rows, size in (
                (f"HTTP, batches of {BATCH}", ROWS, BATCH),
                (f"HTTP, batches of {SMALL}", SMALL_ROWS, SMALL),
                ("HTTP, single events", SINGLE_ROWS, 1),
            ):
                bodies = _bodies(rows, size)
                rate = _measured(name, lambda bodies=bodies, rows=rows: _over_http(sender, bodies, rows), rows, raw)  # type: ignore[misc]
                ratios.setdefault(name, []).append(rate / raw)
    for name, found in ratios.items():
        print(f"median: {name}: {median(found):.2f} of the COPY's rows a second")
    print(f"The aim for batches of {BATCH} is {AIM:.2f}, with validation and deduplication on.")


def _prepare() -> str:
    """Install the catalogue and return the key of a connection that may send."""
    team, _made = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats"})
    install_catalogue(team=team)
    user, _made = User.objects.get_or_create(username="bench-ingest")
    Membership.objects.get_or_create(user=user, team=team, defaults={"role": Role.LEAD.value})
    settings = Settings(name=f"bench {time.time_ns()}", per_minute=MOST_PER_MINUTE)
    kind, scopes = Connection.Kind.SERVER, [Connection.Scope.INGEST]
    _connection, key = connections.create(team=team, kind=kind, scopes=scopes, settings=settings, actor=user)
    return key


def _sender(server: Server, secret: str) -> Sender:
    host, port = server.url.removeprefix("http://").split(":")
    pool = urllib3.HTTPConnectionPool(host, int(port), maxsize=SENDERS, block=True)
    return Sender({"authorization": f"Bearer {secret}", "content-type": "application/json"}, pool)


def _payloads(rows: int) -> list[dict[str, object]]:
    now = datetime.now(UTC)
    made: list[dict[str, object]] = []
    for number in range(rows):
        at = now - timedelta(milliseconds=rows - number)
        made.append(
            {
                "event_id": str(new_event_id(at)),
                "name": "click",
                "unit_id": f"unit-{number * 7919 % 100_003:06d}",
                "occurred_at": at.isoformat(timespec="milliseconds"),
                "properties": {"component": "hero", "page": "home", "target": f"dish-{number % 100}"},
            }
        )
    return made


def _bodies(rows: int, size: int) -> list[bytes]:
    payloads = _payloads(rows)
    return [orjson.dumps({"events": payloads[first : first + size]}) for first in range(0, rows, size)]


def _copy_of(rows: int) -> Callable[[], None]:
    earliest, latest = time_bounds(datetime.now(UTC))
    parse = Validator().parse
    events = [parse(payload, earliest=earliest, latest=latest) for payload in _payloads(rows)]
    ready = event_rows([event for event in events if isinstance(event, ParsedEvent)])
    ensure_days({event.at // 86_400_000 for event in events}, using="default")

    def copy() -> None:
        with connection.cursor() as cursor, cursor.copy(COPY_EVENTS) as stream:
            stream.write(ready)

    return copy


def _over_http(sender: Sender, bodies: Sequence[bytes], rows: int) -> None:
    with ThreadPoolExecutor(SENDERS) as crew:
        stored = sum(crew.map(sender.send, bodies))
    if stored != rows:
        raise SystemExit(f"{stored} of {rows} events were stored: nothing to compare.")


def _measured(name: str, act: Callable[[], None], rows: int, raw: float | None) -> float:
    before, started = Event.objects.count(), time.perf_counter()
    act()
    rate = rows / (time.perf_counter() - started)
    if Event.objects.count() - before != rows:
        raise SystemExit(f"{name}: the rows are not there: nothing to compare.")
    print(f"{name:34}{rate:>14,.0f}" + (f"{rate / raw:>14.2f}" if raw else ""))
    return rate
