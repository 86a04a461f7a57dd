"""Exposures of evaluations: stored before the answer leaves, those of a moment together in one commit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

from django.db import DatabaseError, connections
from django.utils import timezone

from experiments.assignment.compiled import Outcome
from experiments.events.intake import ExposureInput, record

logger = logging.getLogger(__name__)

REMEMBERED = 200_000
ATTEMPTS = 2  # the first may meet a connection that died with the last Postgres


def exposures_of(outcomes: Iterable[Outcome], unit: str) -> list[tuple[int, int, str]]:
    """Return run, variant and unit of each outcome that an experiment decided."""
    return [
        (outcome.run_id, outcome.variant_id, unit)
        for outcome in outcomes
        if outcome.run_id is not None and outcome.variant_id is not None
    ]


class ExposureLog:
    """Gathers what is to be stored while the last commit is under way; knows what was stored lately."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._waiting: list[tuple[Sequence[tuple[int, int, str]], asyncio.Future[bool]]] = []
        self._stored: set[tuple[int, int, str]] = set()
        self._writer: asyncio.Task[None] | None = None

    async def store(self, exposures: Sequence[tuple[int, int, str]]) -> bool:
        """Store the exposures; return whether they are."""
        new = [exposure for exposure in exposures if exposure not in self._stored]
        if not new:
            return True
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((new, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken, self._waiting = self._waiting, []
            rows = sorted({exposure for exposures, _done in taken for exposure in exposures})
            stored = await loop.run_in_executor(self._threads, _record, rows)
            if stored:
                if len(self._stored) > REMEMBERED:
                    self._stored.clear()
                self._stored.update(rows)
            for _exposures, done in taken:
                if not done.done():
                    done.set_result(stored)


def _record(rows: Sequence[tuple[int, int, str]]) -> bool:
    at = timezone.now()
    inputs = [
        ExposureInput(run_id=run_id, variant_id=variant_id, unit_id=unit, exposed_at=at)
        for run_id, variant_id, unit in rows
    ]
    for _attempt in range(ATTEMPTS):
        try:
            record(events=(), exposures=inputs, using="shop")
        except DatabaseError as error:
            logger.warning("Exposures could not be stored", exc_info=error)
            connections["shop"].close()
        else:
            return True
    return False
