"""The lean path: which requests are answered here, beside Django's request cycle, and by what."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from datetime import UTC, datetime

from django.db import DatabaseError, connections

from experiments.assignment.definition_watch import Serving, Watcher
from experiments.serving import events, ofrep, payload
from experiments.serving.doors import (
    JSON,
    Doors,
    as_problem,
    failure,
    preflight,
    query_value,
    secret_of,
    shared,
    ticket,
    ticketed,
)
from experiments.serving.exposures import ExposureLog, exposures_of
from experiments.serving.messages import Answer, Request, Stream
from experiments.serving.rates import Rates
from experiments.serving.streams import HEADERS, Hub
from novarium.portal.grants import Grant
from novarium.portal.grants_store import digest, note_use

FLAGS = "/ofrep/v1/evaluate/flags"
FLAG = f"{FLAGS}/"
STREAM = "/ofrep/v1/events"
FEATURES = "/api/features/"
EVENTS = "/api/v1/events"
PREFIXES = ("/ofrep/", FEATURES)
NOTE_SECONDS = 5.0
# Whoever cached the payload may show it for a minute while asking for a newer one.
CACHING = "private, max-age=1, stale-while-revalidate=60"


class Dispatcher:
    """Answers the lean path's requests in one worker process."""

    def __init__(self, watcher: Watcher, threads: Executor, *, workers: int) -> None:
        self._watcher = watcher
        self._threads = threads
        self._doors = Doors(Rates(workers=workers))
        self._log = ExposureLog(threads)
        self._payloads: tuple[Serving | None, dict[tuple[int | None, bool], tuple[bytes, str]]] = (None, {})
        self.hub = Hub()

    async def handle(self, request: Request) -> Answer | Stream:
        """Return the answer to a request below one of ``PREFIXES``."""
        serving = self._watcher.serving
        if serving is None:
            return failure(503, "The definitions are not loaded yet. Try again in a moment.", ("retry-after", "1"))
        methods = _methods(request.path)
        if not methods:
            return failure(404, f"There is nothing at {request.path.encode('utf-8', 'replace').decode()}.")
        if request.method == "OPTIONS":
            return preflight(request, serving.grants.values(), methods)
        if request.method not in methods:
            return failure(405, f"Use {methods} here.", ("allow", methods))
        return await self._admitted(request, serving)

    async def _admitted(self, request: Request, serving: Serving) -> Answer | Stream:
        if request.path == STREAM:
            return self._stream(request, serving)
        if request.path == EVENTS:
            return await self._events(request, serving)
        return await self._answer(request, serving)

    async def _answer(self, request: Request, serving: Serving) -> Answer:
        is_payload = request.path.startswith(FEATURES)
        secret = request.path.removeprefix(FEATURES) if is_payload else secret_of(request.headers)
        grant = self._doors.admit(secret, serving, "evaluate")
        if isinstance(grant, Answer):
            return grant
        if is_payload:
            answer = self._features(request, serving, grant)
        elif request.path == FLAGS:
            answer = await self._all(request, serving, grant, secret)
        else:
            answer = await self._one(request, serving, grant)
        origin = request.headers.get("origin", "")
        return shared(answer, grant, origin) if origin else answer

    async def _one(self, request: Request, serving: Serving, grant: Grant) -> Answer:
        answer, outcome, unit = ofrep.single(request.path[len(FLAG) :], request.body, serving, grant)
        if outcome is None or not grant.logs_exposures or not (exposures := exposures_of([outcome], unit)):
            return answer
        return answer if await self._log.store(exposures) else _unstored(answer)

    async def _all(self, request: Request, serving: Serving, grant: Grant, secret: str) -> Answer:
        stream = f"{STREAM}?ticket={ticket(digest(secret))}"
        tags = request.headers.get("if-none-match", "")
        answer, outcomes, unit = ofrep.bulk(request.body, serving, grant, stream=stream, known_tags=tags)
        if not grant.logs_exposures or not (exposures := exposures_of(outcomes, unit)):
            return answer
        return answer if await self._log.store(exposures) else _unstored(answer)

    async def _events(self, request: Request, serving: Serving) -> Answer:
        """Take events in a thread: they are parsed, validated and committed there."""
        grant = self._doors.admit(secret_of(request.headers), serving, "ingest")
        if isinstance(grant, Answer):
            return as_problem(grant)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, events.receive, request, grant)
        return shared(answer, grant, request.headers.get("origin", ""))

    def _features(self, request: Request, serving: Serving, grant: Grant) -> Answer:
        body, tag = self._payload(serving, grant)
        headers = (("etag", tag), ("cache-control", CACHING))
        if ofrep.is_known(tag, request.headers.get("if-none-match", "")):
            return Answer(status=304, headers=headers)
        return Answer(status=200, headers=(*JSON, *headers), body=body)

    def _payload(self, serving: Serving, grant: Grant) -> tuple[bytes, str]:
        """Return a team's payload, written once a change."""
        if self._payloads[0] is not serving:
            self._payloads = (serving, {})
        made = self._payloads[1]
        key = (grant.team_id, grant.is_public)
        if key not in made:
            seen = [item for item in serving.features.values() if ofrep.visible(item, grant)]
            known = None if grant.is_public else serving.memberships
            body = payload.payload(seen, updated=serving.changed_at.isoformat(), memberships=known)
            made[key] = (body, payload.tag_of(body))
        return made[key]

    def _stream(self, request: Request, serving: Serving) -> Answer | Stream:
        if wanted := query_value(request, "ticket"):
            grant = self._doors.check(ticketed(serving, wanted), "evaluate")
        else:
            secret = query_value(request, "key") or secret_of(request.headers)
            grant = self._doors.admit(secret, serving, "evaluate")
        if isinstance(grant, Answer):
            return grant
        if self.hub.is_full:
            return failure(503, "Too many streams are open here. Try again later.", ("retry-after", "30"))
        head = shared(Answer(status=200, headers=HEADERS), grant, request.headers.get("origin", ""))
        return Stream(headers=head.headers, chunks=self.hub.follow())

    async def note_uses(self) -> None:
        """Write down every few seconds which keys were used, beside the requests."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            used, self._doors.used = self._doors.used, set()
            if used:
                await loop.run_in_executor(self._threads, _note, used)


def _methods(path: str) -> str:
    """Return what may be asked of an address, or nothing where there is none."""
    if path in {FLAGS, EVENTS}:
        return "POST"
    if path == STREAM:
        return "GET"
    for prefix, method in ((FLAG, "POST"), (FEATURES, "GET")):
        if path.startswith(prefix) and len(path) > len(prefix) and "/" not in path[len(prefix) :]:
            return method
    return ""


def _unstored(answer: Answer) -> Answer:
    """Return the answer all the same, saying that the exposure is in no result: products outlive the database."""
    return Answer(status=answer.status, headers=(*answer.headers, ("x-exposure", "not-stored")), body=answer.body)


def _note(used: set[tuple[str, str]]) -> None:
    try:
        note_use(used, now=datetime.now(UTC))
    except DatabaseError:
        connections.close_all()
