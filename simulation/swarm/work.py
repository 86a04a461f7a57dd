"""The work on a batch: threads that visit the shop, and a foreman who notes what is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import numpy as np
from django.conf import settings
from django.utils import timezone

from simulation import traits
from simulation.behaviour import cumulated, persona_of
from simulation.draws import Step, draws, unit_ids
from simulation.personas import shares
from simulation.swarm import devices, runs
from simulation.swarm.browser import Browser, Shop
from simulation.swarm.runs import Claim
from simulation.swarm.visitor import Outcome, visit

THREADS = 4
SIGN_EVERY = 1.0  # seconds


class ShopClosedError(Exception):
    """The shop cannot be reached; the people still have to come."""


@dataclass(slots=True)
class Count:
    """What a batch has done so far; ``faults`` are the reasons of the last few errors."""

    visits: int = 0
    orders: int = 0
    errors: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count a visit that reached the shop."""
        self.visits += 1
        self.orders += outcome.orders
        self.errors += bool(outcome.fault)
        if outcome.fault:
            self.faults = [*self.faults[-4:], outcome.fault]


def shop(*, threads: int = THREADS) -> Shop:
    """Return the shop at the address of the settings."""
    return Shop(
        settings.SHOP_BASE_URL, connections=threads, secure=bool(settings.HTTPS and settings.SECURE_PROXY_SSL_HEADER)
    )


def run_batch(batch_id: int, *, threads: int = THREADS) -> Count | None:
    """Send a batch's visitors who have not been to the shop yet; None where the batch is not ours to work on.

    Raises:
        ShopClosedError: The shop could not be reached; the batch waits for another try.
    """
    held = runs.claim(batch_id)
    if held is None:
        return None
    count = Count()
    units = unit_ids(seed=held.seed, first=held.first, count=held.size)
    known = runs.been_there(held, units)
    count.visits, count.orders = len(known), sum(known.values())
    pending = [(place, unit) for place, unit in enumerate(units) if unit not in known]
    open_shop = shop(threads=threads)
    done = False
    try:
        done = _send(open_shop, held, pending, count, threads)
    finally:
        open_shop.close()
        runs.report(held, visits=count.visits, orders=count.orders, errors=count.errors)
        runs.let_go(held, done=done)
    return count


def _send(open_shop: Shop, held: Claim, pending: Sequence[tuple[int, str]], count: Count, threads: int) -> bool:
    """Send the people; False where they were called back."""
    finished: SimpleQueue[Future[Outcome]] = SimpleQueue()
    signed = time.monotonic()
    with ThreadPoolExecutor(threads, thread_name_prefix="visitor") as crew:
        try:
            for future in _submit(crew, open_shop, held, pending):
                future.add_done_callback(finished.put)
            while count.visits < held.size:
                with suppress(Empty):
                    outcome = finished.get(timeout=SIGN_EVERY).result()
                    if not outcome.reached:
                        raise ShopClosedError(f"Nothing answers at {open_shop.origin}.")
                    count.add(outcome)
                if time.monotonic() - signed > SIGN_EVERY:
                    signed = time.monotonic()
                    if not runs.report(held, visits=count.visits, orders=count.orders, errors=count.errors):
                        return False
        finally:
            crew.shutdown(cancel_futures=True)
    return True


def _submit(
    crew: ThreadPoolExecutor, open_shop: Shop, held: Claim, pending: Sequence[tuple[int, str]]
) -> list[Future[Outcome]]:
    numbers = draws(seed=held.seed, first=held.first, count=held.size)
    edges = cumulated(shares(held.mix))
    persona = np.array([persona_of(number, edges) for number in numbers[:, Step.PERSONA].tolist()], dtype=np.int64)
    combination = traits.combinations(numbers, persona).tolist()
    today = timezone.localdate()

    def go(person: tuple[int, str]) -> Outcome:
        place, unit = person
        browser = Browser(
            open_shop,
            {"visitor": devices.cookie(unit, combination[place], today=today)},
            says=devices.headers(combination[place], variety=place),
        )
        return visit(browser, numbers[place].tolist(), edges)

    return [crew.submit(go, person) for person in pending]
