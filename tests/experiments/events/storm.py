"""Several programs that send the same batches at once and retry until each is acknowledged."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import urllib3

from tests.experiments.events.sending import event

GOOD, BAD = 30, 3
PAUSE = 0.4  # seconds between the batches of one program: below the rate that a token may have


@dataclass
class Storm:
    """Batches, each sent by every program; what was answered, and how many sends were never answered."""

    url: str
    secrets: Sequence[str]
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[int, Counter[str]]] = field(default_factory=list)
    lost: Counter[int] = field(default_factory=Counter)
    failures: list[BaseException] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _crew: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        self._crew = [threading.Thread(target=self._send_all, args=[secret]) for secret in self.secrets]
        for each in self._crew:
            each.start()

    def end(self) -> None:
        self._over.set()
        for each in self._crew:
            each.join(180)
        assert not any(each.is_alive() for each in self._crew)
        assert not self.failures, self.failures

    def acknowledged(self) -> set[int]:
        """Return the numbers of the batches that some program knows to be kept."""
        with self._lock:
            return {number for number, _counts in self.answers}

    def ids(self, number: int) -> tuple[set[str], set[str]]:
        """Return the ids of a batch's good events and of its malformed ones."""
        batch = self.batches[number]
        good = {sent["event_id"] for sent in batch if sent["properties"]}
        return good, {sent["event_id"] for sent in batch} - good

    def _send_all(self, secret: str) -> None:
        pool = urllib3.PoolManager(timeout=10, retries=False)
        number = 0
        try:
            while not self._over.is_set():
                self._send(pool, secret, number)
                number += 1
                time.sleep(PAUSE)
        except BaseException as error:
            self.failures.append(error)
            raise

    def _send(self, pool: urllib3.PoolManager, secret: str, number: int) -> None:
        batch = self._batch(number)
        deadline, said = time.monotonic() + 150, "nothing"
        while time.monotonic() < deadline:
            try:
                headers = {"authorization": f"Bearer {secret}"}
                answer = pool.request("POST", f"{self.url}/api/v1/events", json={"events": batch}, headers=headers)
            except urllib3.exceptions.HTTPError:
                answer = None
            if answer is not None and answer.status == 200:
                self._note(number, batch, answer.json()["receipts"])
                return
            said = f"{answer.status} {answer.data[:300]!r}" if answer is not None else "nothing"
            with self._lock:
                self.lost[number] += 1
            time.sleep(0.3)
        raise AssertionError(f"batch {number} was not taken in time; the last answer: {said}")

    def _note(self, number: int, batch: list[dict[str, Any]], receipts: list[dict[str, str]]) -> None:
        assert [r["event_id"] for r in receipts] == [sent["event_id"] for sent in batch]
        with self._lock:
            self.answers.append((number, Counter(receipt["status"] for receipt in receipts)))

    def _batch(self, number: int) -> list[dict[str, Any]]:
        with self._lock:
            while len(self.batches) <= number:
                self.batches.append(_batch(len(self.batches)))
            return self.batches[number]


def _batch(number: int) -> list[dict[str, Any]]:
    """Return events of all three kinds of id, and malformed ones among them."""
    now, unit = datetime.now(UTC), {"unit_id": f"storm-{number}"}
    timed = [event(**unit) for _n in range(GOOD // 3)]
    other = [event(**unit, event_id=str(uuid.uuid4())) for _n in range(GOOD // 3)]
    shifted = [event(now, **unit, occurred_at=(now - timedelta(hours=n)).isoformat()) for n in range(1, GOOD // 3 + 1)]
    bad = [event(**unit, properties={}) for _n in range(BAD)]
    if number % 3 == 0:  # such a batch goes the quick way
        return timed + other + [event(**unit) for _n in range(GOOD // 3)] + bad
    return timed + bad + other + shifted
