"""The state folder: everything that a demo keeps between two starts, and nothing else does."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from novarium.local.problem import SetupProblemError

REPOSITORY = Path(__file__).resolve().parents[2]
NEEDED_BYTES = 1 << 30
LOG_BYTES = 5 << 20


@dataclass(frozen=True)
class Secrets:
    """Passwords and keys, drawn at the first start."""

    secret_key: str
    postgres_password: str
    owner_password: str
    valkey_password: str

    @classmethod
    def draw(cls) -> Secrets:
        """Return new secrets from the operating system's randomness."""
        return cls(secrets.token_urlsafe(50), *(secrets.token_urlsafe(24) for _ in range(3)))


def default_folder() -> Path:
    """Return the folder that the environment names, or ``.state`` in the repository."""
    named = os.environ.get("NOVARIUM_STATE")
    return Path(named).expanduser().resolve() if named else REPOSITORY / ".state"


class State:
    """One state folder, held by one process at a time."""

    def __init__(self, folder: Path, *, throw_away: bool = False) -> None:
        self.folder = folder
        self.throw_away = throw_away
        self.lock_file = folder / "lock"
        self.env_file = folder / "env"
        self.logs = folder / "logs"
        self._lock: int | None = None

    @property
    def lock_descriptor(self) -> int:
        """The open lock: who inherits it holds the folder too."""
        if self._lock is None:
            raise RuntimeError("the state folder is not held")
        return self._lock

    def require_own(self) -> None:
        """Refuse a folder that holds anything but our state, because a reset removes it whole.

        Raises:
            SetupProblemError: It holds something else.
        """
        if self.folder.is_dir() and any(self.folder.iterdir()) and not self.lock_file.exists():
            raise SetupProblemError(
                f"{self.folder} holds other things than NovaRium's state; name an empty or a new"
                " folder with NOVARIUM_STATE."
            )

    def acquire(self, *, patience: float = 10.0) -> None:
        """Create the folder where needed and hold it for this process.

        Children inherit the lock, so a folder is free only when nothing of an earlier run is
        left; ``patience`` is how long to wait for the remains of a killed one.

        Raises:
            SetupProblemError: Somebody else holds it, it is another user's, or the disk is full.
        """
        self.require_own()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._require_space()
            descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
            self.logs.mkdir(exist_ok=True, mode=0o700)
        except PermissionError as error:
            raise SetupProblemError(
                f"{self.folder} cannot be written by this user; run as its owner, or name another"
                " folder with NOVARIUM_STATE."
            ) from error
        deadline = time.monotonic() + patience
        while not _locked(descriptor):
            holder = _holder(descriptor)
            if (holder and _alive(holder)) or time.monotonic() > deadline:
                os.close(descriptor)
                raise SetupProblemError(
                    f"NovaRium already runs on {self.folder} (process {holder or 'unknown'}); use"
                    " that one, or stop it with Ctrl-C first."
                )
            time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._lock = descriptor

    def release(self) -> None:
        """Let the folder go; a throw-away one is removed."""
        if self._lock is None:
            return
        self.env_file.unlink(missing_ok=True)
        if self.throw_away:
            shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)
        self._lock = None

    def is_held(self) -> bool:
        """Whether some process runs on this folder."""
        if not self.lock_file.exists():
            return False
        descriptor = os.open(self.lock_file, os.O_RDWR)
        try:
            return not _locked(descriptor)
        finally:
            os.close(descriptor)

    def secrets(self) -> Secrets:
        """Return the folder's secrets, drawing them at the first call."""
        path = self.folder / "secrets.json"
        if path.exists():
            return Secrets(**json.loads(path.read_text()))
        drawn = Secrets.draw()
        write_private(path, json.dumps(asdict(drawn)))
        return drawn

    def log(self, name: str) -> Path:
        """Return the log file of a process, with an overlong one moved aside."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path

    def write_env(self, env: Mapping[str, str]) -> None:
        """Note the environment of the running processes for ``make manage``."""
        write_private(self.env_file, "".join(f"{key}={shlex.quote(value)}\n" for key, value in env.items()))

    def read_env(self) -> dict[str, str]:
        """Return the environment of the running processes.

        Raises:
            SetupProblemError: Nothing runs on this folder.
        """
        if not self.is_held() or not self.env_file.exists():
            raise SetupProblemError("No demo is running here; start one with make demo.")
        pairs = (shlex.split(line)[0] for line in self.env_file.read_text().splitlines())
        return dict(pair.split("=", 1) for pair in pairs)

    def _require_space(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < NEEDED_BYTES:
            raise SetupProblemError(
                f"Only {free >> 20} MB are free at {self.folder}; free at least"
                f" {NEEDED_BYTES >> 20} MB, or name another folder with NOVARIUM_STATE."
            )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, replacing it as a whole."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 20, 0).decode()
    return int(text) if text.isdigit() else None


def _alive(pid: int) -> bool:
    return Path("/proc", str(pid)).exists()
