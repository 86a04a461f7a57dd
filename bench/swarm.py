"""Visits a second over real HTTP, and what they cost server and client."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command

from bench.processes import Server, web_server
from experiments.installation import install_catalogue
from experiments.models import Event
from novarium.portal.models import Team
from simulation.draws import unit_ids
from simulation.models import SwarmRun
from simulation.personas import DEFAULT_MIX
from simulation.swarm import runs, work
from simulation.swarm.browser import Shop

VISITORS = 2_000
REQUESTS = 6_000
THREADS = 4
ROUNDS = 3
# The project this one grew from, measured on two cores like these.
SEED_VISITS = (29.0, 42.0)
SEED_SERVER_MS = 10.6


@dataclass(frozen=True, slots=True)
class Cost:
    """What a number of things took; CPU in milliseconds each."""

    rate: float
    server_ms: float
    client_ms: float


def main() -> None:
    """Print the table."""
    _prepare()
    with web_server() as server:
        settings.SHOP_BASE_URL = server.url
        _visits(server, 200)  # warm: templates, connections, definitions
        print(f"{'':24}{'a second':>10}{'server CPU':>14}{'client CPU':>14}{'of both cores':>16}")
        best: list[Cost] = []
        for _round in range(ROUNDS):
            baseline, visits = _healthz(server), _visits(server, VISITORS)
            _line("healthz, one request", baseline)
            _line("visit", visits)
            best.append(visits)
    rate = sorted(cost.rate for cost in best)[len(best) // 2]
    server_ms = sorted(cost.server_ms for cost in best)[len(best) // 2]
    (slow, fast), times = SEED_VISITS, SEED_SERVER_MS / server_ms
    print(f"median: {rate:.0f} visits a second = {rate / fast:.1f} to {rate / slow:.1f} times {slow:.0f}-{fast:.0f};")
    print(f"        {server_ms:.2f} ms of server CPU a visit = {times:.1f} times less than {SEED_SERVER_MS}.")
    pages = _pages_a_visit()
    print(f"A visit sees {pages:.2f} pages, so a page costs {server_ms / pages:.2f} ms of server CPU,")
    print(f"of which the bare request (healthz, the same middleware) is {baseline.server_ms:.2f} ms.")


def _pages_a_visit() -> float:
    """Return the pages that a visit of the last run saw."""
    run = SwarmRun.objects.latest("pk")
    units = unit_ids(seed=run.seed, first=0, count=run.visitors)
    return Event.objects.filter(unit_id__in=units, name="page_view").count() / run.visitors


def _prepare() -> None:
    team, made = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats"})
    if made:
        install_catalogue(team=team)
    call_command("seed_shop", verbosity=0)
    if settings.ENVIRONMENT != "test":
        call_command("collectstatic", interactive=False, verbosity=0)


def _measured(server: Server, count: int, act: Callable[[], object]) -> Cost:
    own, theirs, started = _own_cpu(), server.cpu_seconds(), time.perf_counter()
    act()
    seconds = time.perf_counter() - started
    return Cost(
        rate=count / seconds,
        server_ms=(server.cpu_seconds() - theirs) / count * 1000,
        client_ms=(_own_cpu() - own) / count * 1000,
    )


def _visits(server: Server, visitors: int) -> Cost:
    run = runs.request(visitors=visitors, seed=time.time_ns() >> 10, mix=DEFAULT_MIX, actor=None)

    def act() -> None:
        for batch_id in runs.batches_of(run.pk):
            work.run_batch(batch_id, threads=THREADS)

    cost = _measured(server, visitors, act)
    finished = SwarmRun.objects.get(pk=run.pk)
    if (finished.visits, finished.errors) != (visitors, 0):
        raise SystemExit(f"{finished.visits} of {visitors} visits, {finished.errors} errors: nothing to compare.")
    return cost


def _healthz(server: Server) -> Cost:
    shop = Shop(server.url, connections=THREADS)

    def ask(_number: int) -> None:
        shop.send("GET", "/healthz", headers={})

    def act() -> None:
        with ThreadPoolExecutor(THREADS) as crew:
            list(crew.map(ask, range(REQUESTS)))

    try:
        return _measured(server, REQUESTS, act)
    finally:
        shop.close()


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _line(name: str, cost: Cost) -> None:
    used = cost.rate * (cost.server_ms + cost.client_ms) / 20
    print(f"{name:24}{cost.rate:>10.0f}{cost.server_ms:>11.2f} ms{cost.client_ms:>11.2f} ms{used:>15.0f}%")
