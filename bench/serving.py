"""Evaluations over HTTP, beside a bare ASGI application that does the same hash, in turns in one run.

Every flag has a running experiment of its own, so that each entry of a bulk answer is a hash and a choice.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from bench.processes import Server, free_port, running, web_server
from experiments.designs import drafting
from experiments.features.registration import register_feature
from experiments.installation import install_catalogue
from experiments.models import Experiment, Feature, Metric
from experiments.running import lifecycle
from novarium.portal import connections
from novarium.portal.models import Team, User

ROOT = Path(__file__).resolve().parent.parent
FLAGS, SECONDS, ROUNDS, CLIENTS = 50, 3.0, 3, (8, 32)
BULK = "/ofrep/v1/evaluate/flags"
BARE = ("uvicorn", "bench.bare:app", "--workers", "2", "--no-access-log", "--log-level", "warning")


@dataclass(frozen=True, slots=True)
class Measured:
    """One turn: requests a second, waits in ms, the server's CPU time a request in ms."""

    rate: float
    p50: float
    p99: float
    cpu: float


def main() -> None:
    """Print the table and the ratios."""
    name, key = _prepare()
    single = f"{BULK}/{name}-0"
    bare_port = free_port()
    bare = running([*BARE, "--port", str(bare_port)], port=bare_port)
    with web_server() as ours, bare as theirs:
        turns = {"bare ASGI": (theirs, single), "single": (ours, single), f"bulk of {FLAGS}": (ours, BULK)}
        for server, path in turns.values():
            _turn(server, path, key, clients=8, seconds=1.0)
        print(f"{'':16}{'clients':>8}{'a second':>10}{'p50':>9}{'p99':>9}{'server CPU':>12}")
        for clients in CLIENTS:
            best: dict[str, Measured] = {}
            for _round in range(ROUNDS):
                for name, (server, path) in turns.items():
                    turn = _turn(server, path, key, clients=clients, seconds=SECONDS)
                    if name not in best or turn.rate > best[name].rate:
                        best[name] = turn
            _print(best, clients)


def _print(best: dict[str, Measured], clients: int) -> None:
    for name, turn in best.items():
        print(
            f"{name:16}{clients:>8}{turn.rate:>10,.0f}{turn.p50:>6.1f} ms{turn.p99:>6.1f} ms{turn.cpu * 1000:>9.0f} µs"
        )
    bare, single, bulk = best.values()
    print(f"  single / bare ASGI {single.rate / bare.rate:.2f} (aim 0.5)", end=", ")
    print(f"bulk / bare ASGI {bulk.rate / bare.rate:.2f} (aim 0.1)")


def _turn(server: Server, path: str, key: str, *, clients: int, seconds: float) -> Measured:
    port = server.url.rpartition(":")[2]
    before = server.cpu_seconds()
    command = [sys.executable, "-m", "bench.load", port, path, key, str(clients), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)
    cpu = (server.cpu_seconds() - before) / found["count"] * 1000
    return Measured(found["rate"], found["p50"], found["p99"], cpu)


def _prepare() -> tuple[str, str]:
    """Make a team with so many flags, one of them split; return its name and the key of a connection to it."""
    if settings.ENVIRONMENT != "test":
        call_command("collectstatic", interactive=False, verbosity=0)
    name = f"bench-{secrets.token_hex(4)}"
    team = Team.objects.create(key=name, name=name, requires_review=False)
    boss = User.objects.create_superuser(username=name, password=secrets.token_hex(16), email=f"{name}@example.com")
    shop, _made = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats"})
    install_catalogue(team=shop)
    for number in range(FLAGS):
        _split(_flag(name, number, team, boss), team, boss)
    given = connections.Settings(name=name, per_minute=1_000_000, logs_exposures=False)
    return name, connections.create(team=team, kind="server", scopes=["evaluate"], settings=given, actor=boss)[1]


def _flag(prefix: str, number: int, team: Team, actor: User) -> Feature:
    declared = {"name": "value", "label": "Value", "type": "boolean", "default": False}
    feature = Feature(
        key=f"{prefix}-{number}",
        name=f"{prefix} {number}",
        surface="external",
        component="app",
        team=team,
        parameters=[declared],
        value_type="boolean",
    )
    register_feature(feature, actor=actor)
    return feature


def _split(feature: Feature, team: Team, actor: User) -> None:
    experiment = Experiment.objects.create(
        key=f"{feature.key}-split",
        name="Split",
        team=team,
        owner=actor,
        feature=feature,
        who="All",
        what="On",
        why="To measure",
        expected_impact="None",
        oec=Metric.objects.get(key="ctr"),
        baseline=0.3,
        planned_units=1000,
        planned_days=7,
        seed=f"{feature.key}:seed",
    )
    arms = [
        drafting.VariantInput(key=key, name=key, weight=Decimal(50), value={"value": key == "on"})
        for key in ("off", "on")
    ]
    drafting.set_variants(experiment, arms, actor=actor)
    drafting.set_guardrails(experiment, {Metric.objects.get(key="aov").pk: 0.05}, actor=actor)
    lifecycle.launch(experiment, actor=actor)
