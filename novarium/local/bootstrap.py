"""Makes the virtual environment complete, then hands over to ``python -m novarium.local``.

Run by the Makefile with whatever ``python3`` the machine has, so it uses the standard library
only, imports nothing of ours, and says in one sentence what is missing.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "novarium-installed.json"
UNFINISHED = VENV / "novarium-unfinished"
RUNTIME_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"
DEVELOPMENT_ACTIONS = {"test", "test-slow", "bench", "lock"}
OLDEST_PYTHON = (3, 11)
NEEDED_BYTES = 2 << 30
PR_SET_PDEATHSIG = 1


class ProblemError(Exception):
    """What is missing, and what to do about it."""


def require_machine() -> None:
    """Refuse a Python that cannot make the virtual environment.

    Raises:
        ProblemError: Python is too old, or lacks venv or ensurepip.
    """
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        raise ProblemError(
            f"Python {version} is too old; install Python 3.11 or newer and name it: make demo PYTHON=python3.11."
        )
    if not sys.platform.startswith("linux"):
        raise ProblemError("The embedded servers run on Linux only; use a Linux machine or container.")
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        raise ProblemError(
            f"Python {version} at {sys.executable} lacks venv or ensurepip; on Debian and Ubuntu"
            " run: apt install python3-venv."
        )


def tie_to_parent() -> None:
    """Let a death of make stop us too, because who kills make means everything."""
    parent = os.getppid()
    comm = Path("/proc", str(parent), "comm")
    if comm.exists() and comm.read_text().strip() in {"make", "gmake"}:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def die_with_parent() -> None:
    """Let the kernel kill an installer whose parent is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def ensure_venv() -> None:
    """Create the virtual environment, anew when an earlier attempt left it unfinished."""
    if VENV.exists() or VENV.is_symlink():
        fault = venv_fault()
        if fault is None:
            return
        print(f"  · .venv is half-built ({fault}); building it anew", flush=True)
        remove_venv()
    require_machine()
    require_space()
    started = time.monotonic()
    VENV.mkdir()
    UNFINISHED.touch()
    run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment cannot be created")
    if venv_fault(ignore_marker=True) is not None:
        remove_venv()
        raise ProblemError(
            "The virtual environment came out without pip; on Debian and Ubuntu run: apt install python3-venv."
        )
    UNFINISHED.unlink()
    done("Virtual environment", started)


def venv_fault(*, ignore_marker: bool = False) -> str | None:
    """Return why the virtual environment cannot be used, or None."""
    if UNFINISHED.exists() and not ignore_marker:
        return "an installation was interrupted"
    if not PYTHON.exists():
        return "its python is missing"
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        code = subprocess.run([str(PYTHON), "-I", "-c", probe], capture_output=True, check=False).returncode
    except OSError:
        return "its python does not start"
    return "its pip is missing or its python too old" if code else None


def remove_venv() -> None:
    """Remove the virtual environment; of a link only the link."""
    if VENV.is_symlink():
        VENV.unlink()
    else:
        shutil.rmtree(VENV)


def require_space() -> None:
    """Refuse a disk on which the packages cannot be unpacked.

    Raises:
        ProblemError: Too little space is free.
    """
    free = shutil.disk_usage(REPOSITORY).free
    if free < NEEDED_BYTES:
        raise ProblemError(
            f"Only {free >> 20} MB are free at {REPOSITORY}; free at least"
            f" {NEEDED_BYTES >> 20} MB for the packages and the demo's data."
        )


def ensure_packages(lock_name: str) -> None:
    """Install what the lock file lists, unless exactly that is installed already."""
    wanted = hash_of(REPOSITORY / lock_name)
    if installed().get(lock_name) == wanted:
        return
    started = time.monotonic()
    print(f"  · Packages of {lock_name} (once, about a minute) …", flush=True)
    require_space()
    INSTALLED.unlink(missing_ok=True)
    UNFINISHED.touch()
    how = install(REPOSITORY / lock_name)
    locks = {lock_name: wanted}
    if lock_name == DEVELOPMENT_LOCK:  # holds everything of the other, in the same versions
        locks[RUNTIME_LOCK] = hash_of(REPOSITORY / RUNTIME_LOCK)
    INSTALLED.write_text(json.dumps(locks))
    UNFINISHED.unlink()
    done(f"Packages ({how})", started)


def hash_of(path: Path) -> str:
    """Return the digest by which a change of the lock file is noticed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """Return the digests of the lock files whose packages are installed."""
    if not INSTALLED.exists():
        return {}
    try:
        found: dict[str, str] = json.loads(INSTALLED.read_text())
    except json.JSONDecodeError:
        return {}
    return found


def install(lock: Path) -> str:
    """Install a lock file with uv, or with pip where uv is not to be had; return which."""
    pip = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check"]
    if install_uv(lock, pip):
        uv = [str(VENV / "bin" / "uv"), "pip", "install", "--python", str(PYTHON)]
        command = [*uv, "--require-hashes", "--no-deps", "-r", str(lock)]
        process = start(command, {**os.environ, **uv_settings(pip)}, quiet=True)
        output = process.communicate()[0].decode(errors="replace")
        if process.returncode == 0:
            return "uv"
        print(f"  · uv could not install them, pip tries: {output.strip()[-300:]}", flush=True)
    command = [*pip, "install", "-qq", "--require-hashes", "--no-deps", "--no-compile", "-r", str(lock)]
    run(
        command,
        "The packages could not be installed; see pip's message above, check the network or"
        " pip's configuration, and run the command again",
    )
    return "pip"


def install_uv(lock: Path, pip: list[str]) -> bool:
    """Install uv as the lock file pins it; return whether it is there now."""
    entry = entry_of("uv", lock.read_text())
    if entry is None:
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as only_uv:
        only_uv.write(entry + "\n")
        only_uv.flush()
        options = ["--require-hashes", "--no-deps", "--no-compile", "-r", only_uv.name]
        return subprocess.call([*pip, "install", "-qqq", *options], preexec_fn=die_with_parent) == 0


def entry_of(package: str, lock: str) -> str | None:
    """Return a package's entry, its version and hashes, from the text of a lock file."""
    entry = re.search(rf"^{package}==(?:[^\n\\]|\\\n)*", lock, re.MULTILINE)
    return entry and entry.group()


def uv_settings(pip: list[str]) -> dict[str, str]:
    """Tell uv, which does not read pip's configuration, where pip was told to look."""
    listing = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    pairs = dict(re.findall(r"^[^.\n]+\.([a-z-]+)='(.*)'$", listing, re.MULTILINE))
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    found = {names[key]: value for key, value in pairs.items() if key in names}
    found = {name: re.sub(r"(\\n|\s)+", " ", value).strip() for name, value in found.items()}
    if "UV_FIND_LINKS" in found:
        found["UV_FIND_LINKS"] = found["UV_FIND_LINKS"].replace(" ", ",")
    # Every package is pinned by hash, so any index that has the file will do.
    defaults = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_LINK_MODE": "copy", "UV_HTTP_TIMEOUT": "120"}
    return {key: value for key, value in {**defaults, **found}.items() if key not in os.environ}


def start(command: list[str], env: dict[str, str] | None = None, *, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Start an installer that dies with us."""
    output = subprocess.PIPE if quiet else None
    errors = subprocess.STDOUT if quiet else None
    return subprocess.Popen(command, env=env, stdout=output, stderr=errors, preexec_fn=die_with_parent)  # noqa: PLW1509 - no threads here


def run(command: list[str], message: str) -> None:
    """Run a command to its end.

    Raises:
        ProblemError: It failed.
    """
    if start(command).wait() != 0:
        raise ProblemError(message + ".")


def done(title: str, started: float) -> None:
    """Say that a step is done and how long it took."""
    print(f"  ✓ {title:<52}{time.monotonic() - started:6.1f} s", flush=True)


def main() -> int:
    """Complete the virtual environment; return 0 when it is."""
    action = sys.argv[1]
    tie_to_parent()
    try:
        ensure_venv()
        ensure_packages(DEVELOPMENT_LOCK if action in DEVELOPMENT_ACTIONS else RUNTIME_LOCK)
    except ProblemError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    if (failure := main()) != 0:
        sys.exit(failure)
    os.chdir(REPOSITORY)
    os.execv(PYTHON, [str(PYTHON), "-m", "novarium.local", *sys.argv[1:]])  # noqa: S606
