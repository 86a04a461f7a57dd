"""A real server with all of its processes, as ``novarium.local`` starts them, and how tests ask it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from novarium.local.ports import free_port
from novarium.local.state import REPOSITORY, State
from tests.local.running import eventually, family, line_with, named, own_env, started

HERO = "home-hero-banner"


@dataclass
class Server:
    """A running server and its two keys: one that stores no exposures, one that does."""

    port: int
    pid: int
    state: Path
    keys: dict[str, str]

    @property
    def key(self) -> str:
        return next(iter(self.keys.values()))

    @property
    def storing_key(self) -> str:
        return list(self.keys.values())[1]

    def ask(self, method: str, path: str, body=None, *, key: str | None = None, **headers: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        head = {"authorization": f"Bearer {key or self.key}", **headers}
        connection.request(method, path, body if body is None else json.dumps(body), head)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), raw

    def flag(self, key: str, unit: str = "u1", **context):
        context = {"targetingKey": unit, **context}
        status, _headers, raw = self.ask("POST", f"/ofrep/v1/evaluate/flags/{key}", {"context": context})
        return status, json.loads(raw)

    def manage(self, code: str) -> str:
        """Run code in ``manage.py shell`` against the server's state."""
        env = own_env(**State(self.state).read_env())
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ready(self) -> tuple[int, dict]:
        status, _headers, raw = self.ask("GET", "/readyz")
        return status, json.loads(raw)

    def child(self, name: str):
        return [each for each in named(family(self.pid), name) if each.name().startswith(name[:12])]


@contextmanager
def serving(state: Path) -> Iterator[Server]:
    """Run a server in a folder until the block ends, with what ``server.prepare`` makes."""
    port = free_port()
    with started(str(state), str(port), module="tests.local.serve", NOVARIUM_STATE=str(state)) as process:
        line_with(process, "serving\n")
        found = Server(port, process.pid, state, {})
        said = found.manage("from tests.experiments.serving.server import prepare; prepare()")
        found.keys = {words[1]: words[2] for line in said.splitlines() if (words := line.split())[:1] == ["KEY"]}
        assert eventually(lambda: found.flag(HERO)[0] == 200)
        yield found
