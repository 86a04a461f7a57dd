"""Runs the whole of NovaRium on one machine, and restarts what dies."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from novarium.local.console import say, step
from novarium.local.interrupt import Interrupted, unwind_on_signals
from novarium.local.ports import LOOPBACK, free_port, require_free
from novarium.local.problem import SetupProblemError
from novarium.local.processes import BEAT, READER, WEB, WORKER, Process
from novarium.local.spawn import Child, Launch, last_lines, run_to_end
from novarium.local.stack import Servers, environment, hold
from novarium.local.state import REPOSITORY, State

HEALTHY_SECONDS = 90.0
LONGEST_BACKOFF = 30.0
STEADY_SECONDS = 60.0
LOOK_EVERY = 0.2


@dataclass
class Watched:
    """A child that is started again when it dies, later each time that it dies soon."""

    child: Child
    deaths: int = 0
    restart_at: float | None = None

    def look(self) -> None:
        """Notice a death, or start the child again when its time has come."""
        now = time.monotonic()
        if self.restart_at is not None:
            if now >= self.restart_at:
                self.child = Child.start(self.child.launch)
                self.restart_at = None
        elif (code := self.child.exit_code) is not None:
            self.deaths = 1 if now - self.child.started > STEADY_SECONDS else self.deaths + 1
            delay = min(2.0 ** (self.deaths - 1), LONGEST_BACKOFF)
            self.restart_at = now + delay
            launch = self.child.launch
            say(f"  ! {launch.name} ended with code {code}; starting it again in {delay:.0f} s (log: {launch.log})")


@dataclass
class Supervisor:
    """The servers and processes of one state folder."""

    state: State
    env: dict[str, str] = field(default_factory=dict)
    servers: list[Watched] = field(default_factory=list)
    processes: list[Watched] = field(default_factory=list)

    def start_servers(self, port: int, cleanup: ExitStack) -> None:
        """Start both servers, note the environment that leads to them, and arrange the stop."""
        servers = Servers(self.state)
        cleanup.callback(servers.stop)
        cleanup.callback(_stop, self.servers)
        cleanup.callback(_stop, self.processes)
        with step("PostgreSQL"):
            servers.start_postgres()
        with step("Valkey"):
            servers.start_valkey()
        self.servers += [Watched(child) for child in servers.children]
        self.env = environment(self.state, servers.urls, mode="demo", port=port)
        self.state.write_env(self.env)

    def prepare(self) -> None:
        """Bring database, static files and demo data up to date.

        Raises:
            SetupProblemError: A step failed; it has said why.
        """
        command = [sys.executable, "-m", "novarium.local.prepare"]
        if run_to_end(self._launch("prepare", command, self.env)) != 0:
            raise SetupProblemError("The set-up stopped at the step above; mend that and start again.")

    def start(self, process: Process, port: int) -> Child:
        """Start one of NovaRium's processes."""
        own = process.own_settings(state=str(self.state.folder))
        command = process.command(host=LOOPBACK, port=port)
        launch = self._launch(process.name, command, self.env | own, process)
        child = Child.start(launch)
        self.processes.append(Watched(child))
        return child

    def watch(self) -> None:
        """Restart what dies, until a signal ends this."""
        while True:
            for each in (*self.servers, *self.processes):
                each.look()
            time.sleep(LOOK_EVERY)

    def _launch(self, name: str, command: list[str], env: Mapping[str, str], process: Process | None = None) -> Launch:
        return Launch(
            name=name,
            command=command,
            env=env,
            log=self.state.log(name) if process else None,
            grace=process.grace if process else 10.0,
            keep_open=(self.state.lock_descriptor,),
            cwd=REPOSITORY,
        )


def _stop(watched: Sequence[Watched]) -> None:
    """Stop children at the same time, and wait until nothing of them is left."""
    for each in watched:
        each.child.ask_to_stop()
    for each in watched:
        each.child.stop()


def demo(*, folder: Path, port: int) -> int:
    """Set up and run NovaRium until it is asked to stop.

    Args:
        folder: State folder; kept for the next start.
        port: Port of the web server on the loopback interface; 0 takes any free one.

    Returns:
        The exit code: 0 after an orderly stop.
    """
    unwind_on_signals()
    started = time.monotonic()
    state = State(folder)
    try:
        with hold(state), ExitStack() as cleanup:
            port = port or free_port()
            require_free(port)
            supervisor = Supervisor(state)
            supervisor.start_servers(port, cleanup)
            supervisor.prepare()
            start_processes(supervisor, port)
            _welcome(state, port, time.monotonic() - started)
            cleanup.callback(say, "  · Stopping; the data stays. A second Ctrl-C ends it at once.")
            supervisor.watch()
    except Interrupted:
        say("  ✓ Stopped.")
    return 0


def start_processes(supervisor: Supervisor, port: int) -> None:
    """Start web server, worker, scheduler and reader, as visible steps."""
    _empty(supervisor.state.folder / "prometheus")
    with step("Web server"):
        _wait_until_healthy(supervisor.start(WEB, port), port)
    with step("Worker, scheduler and reader"):
        for process in (WORKER, BEAT, READER):
            supervisor.start(process, port)


def _empty(folder: Path) -> None:
    """Make a folder without files: counters of ended workers would be counted again."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()


def _wait_until_healthy(web: Child, port: int) -> None:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while not _is_healthy(port):
        if web.exit_code is not None or time.monotonic() > deadline:
            log = web.launch.log or Path()
            raise SetupProblemError(f"The web server does not answer; its log {log} ends with:\n{last_lines(log)}")
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    try:
        with urlopen(f"http://{LOOPBACK}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == http.client.OK)
    except (URLError, TimeoutError, ConnectionError, http.client.HTTPException):
        return False


def _welcome(state: State, port: int, seconds: float) -> None:
    logins = state.folder / "demo-logins.txt"
    say(f"\n  NovaRium is ready after {seconds:.1f} s:  http://{LOOPBACK}:{port}/\n")
    if logins.exists():
        say("\n".join("  " + line for line in logins.read_text().splitlines()) + "\n")
    say(f"  Logs: {state.logs}   Stop: Ctrl-C\n")
