"""Decides whose rights PostgreSQL runs with, and where such an account can reach its files.

PostgreSQL refuses to run as root. An ordinary user runs it as is. Root runs it in a user
namespace, where it is nobody to itself and root to the file system; where namespaces are refused
(many containers), it runs as the real ``nobody`` and, if that account cannot enter the state
folder or the virtual environment, from a place of its own under /var/tmp.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from novarium.local import child
from novarium.local.problem import SetupProblemError

OUTSIDE = Path("/var/tmp")  # noqa: S108 - _own_folder refuses a place that is not root's


@dataclass(frozen=True)
class Account:
    """Rights, programs and data folder for PostgreSQL.

    Attributes:
        name: One of the account constants of :mod:`novarium.local.child`.
        programs: Folder with ``postgres`` and ``initdb`` that the account may execute.
        data: Folder that the account owns and can enter.
    """

    name: str
    programs: Path
    data: Path

    @property
    def uid(self) -> int:
        """Owner of the data folder, as seen from outside a namespace."""
        return child.NOBODY if self.name == child.NOBODY_USER else os.geteuid()

    def give(self, path: Path) -> None:
        """Make the account owner of a file or of a whole folder."""
        if path.stat().st_uid == self.uid or os.geteuid() != 0:
            return
        os.chown(path, self.uid, self.uid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(Path(folder, name), self.uid, self.uid, follow_symlinks=False)


def choose(folder: Path, package: Path) -> Account:
    """Return the account for the state folder and the installed PostgreSQL package.

    Raises:
        SetupProblemError: The place that ``nobody`` needs outside belongs to another user.
    """
    programs = package / "pginstall" / "bin"
    if os.geteuid() != 0:
        account = Account(child.SAME_USER, programs, folder / "postgres")
    elif _reaches(child.USER_NAMESPACE, programs / "postgres", folder):
        account = Account(child.USER_NAMESPACE, programs, _earlier_data(folder) or folder / "postgres")
    else:
        reachable = _reaches(child.NOBODY_USER, Path("/bin/sh"), folder) and not _earlier_data(folder)
        place = folder if reachable else _own_folder(outside_place(folder))
        if not _reaches(child.NOBODY_USER, programs / "postgres", place):
            programs = _copy(package, place)
        account = Account(child.NOBODY_USER, programs, place / "postgres")
    account.data.mkdir(mode=0o700, exist_ok=True)
    account.give(account.data)
    return account


def outside_place(folder: Path) -> Path:
    """Return where PostgreSQL's part lives when ``nobody`` cannot enter the state folder."""
    return OUTSIDE / f"novarium-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


def _earlier_data(folder: Path) -> Path | None:
    """Return the database outside the state folder where an earlier start had to put it there."""
    place = outside_place(folder)
    data = place / "postgres"
    return _own_folder(place) / "postgres" if data.exists() else None


def _own_folder(place: Path) -> Path:
    """Create a folder that all may enter and only root may change.

    Raises:
        SetupProblemError: Somebody else made it first.
    """
    place.mkdir(mode=0o755, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != 0:
        raise SetupProblemError(f"{place} belongs to another user; remove it and start again.")
    place.chmod(0o755)
    return place


def _copy(package: Path, place: Path) -> Path:
    """Copy programs and their libraries, anew when the installed ones are others."""
    libraries = package.with_name(package.name + ".libs")
    done = place / "copied-from"
    origin = f"{package} {(package / 'pginstall/bin/postgres').stat().st_mtime_ns}"
    if not done.exists() or done.read_text() != origin:
        done.unlink(missing_ok=True)
        for source in (package, libraries):
            copy = place / source.name
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(source, copy, symlinks=True)
        done.write_text(origin)
    return place / package.name / "pginstall" / "bin"


def _reaches(account: str, program: Path, folder: Path) -> bool:
    """Try in a process of its own whether the account can run the program and enter the folder."""
    pid = os.fork()
    if pid == 0:
        try:
            child.drop_rights(account)
            able = os.access(program, os.X_OK) and os.access(folder, os.X_OK)
            os._exit(0 if able else 1)
        except OSError:
            os._exit(2)
    return os.waitpid(pid, 0)[1] == 0
