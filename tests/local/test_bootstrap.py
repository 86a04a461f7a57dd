"""The virtual environment: made from nothing, mended when half-built, left alone when complete."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from novarium.local import bootstrap

READY = "import sys; print('ready', *sys.argv[1:])\n"
LACKING = """
import importlib.machinery, runpy, sys

class Without(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name == {module!r} else super().find_spec(name, path, target)

sys.meta_path = [each for each in sys.meta_path if each is not importlib.machinery.PathFinder] + [Without]
{more}
sys.argv = [{script!r}, "demo"]
runpy.run_path({script!r}, run_name="__main__")
"""


@pytest.fixture
def clone(tmp_path) -> Path:
    """A repository with the real bootstrap, nothing to install, and a set-up that only says it ran."""
    package = tmp_path / "novarium" / "local"
    package.mkdir(parents=True)
    shutil.copy(bootstrap.__file__, package)
    (package / "__main__.py").write_text(READY)
    for lock in (bootstrap.RUNTIME_LOCK, bootstrap.DEVELOPMENT_LOCK):
        (tmp_path / lock).write_text("# nothing is needed\n")
    return tmp_path


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = str(clone / "novarium/local/bootstrap.py")
    return subprocess.run([sys.executable, "-I", script, *arguments], capture_output=True, text=True, check=False)


def make_without(clone: Path, module: str, more: str = "") -> subprocess.CompletedProcess[str]:
    script = str(clone / "novarium/local/bootstrap.py")
    code = LACKING.format(module=module, script=script, more=more)
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)


def test_environment_is_made_once_and_hands_over(clone):
    first, second = make(clone, "demo", "--port", "8000"), make(clone, "demo", "--port", "8000")

    assert "Virtual environment" in first.stdout, first.stderr
    assert first.stdout.endswith("ready demo --port 8000\n")
    assert second.stdout == "ready demo --port 8000\n"


def test_packages_are_installed_again_only_for_another_lock(clone):
    make(clone, "demo")
    (clone / bootstrap.RUNTIME_LOCK).write_text("# nothing is needed today either\n")

    assert "Packages" in make(clone, "demo").stdout
    assert "Packages" not in make(clone, "demo").stdout
    assert "Packages" in make(clone, "test").stdout
    assert "Packages" not in make(clone, "demo").stdout


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda venv: (venv / "bin/python").unlink(), "its python is missing"),
        (lambda venv: shutil.rmtree(next(venv.glob("lib/python3*/site-packages/pip"))), "its pip is missing"),
        (lambda venv: (venv / bootstrap.UNFINISHED.name).touch(), "an installation was interrupted"),
    ],
    ids=["no python", "no pip", "interrupted"],
)
def test_a_half_built_environment_is_named_and_built_anew(clone, damage, said):
    make(clone, "demo")
    damage(clone / ".venv")
    done = make(clone, "demo")

    assert f"half-built ({said}" in done.stdout
    assert done.stdout.endswith("ready demo\n"), done.stderr


def test_a_link_to_an_environment_elsewhere_is_never_emptied(clone, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "mine").touch()
    (clone / ".venv").symlink_to(elsewhere)
    done = make(clone, "demo")

    assert done.stdout.endswith("ready demo\n"), done.stderr
    assert [each.name for each in elsewhere.iterdir()] == ["mine"]


@pytest.mark.parametrize("module", ["ensurepip", "venv"])
def test_a_missing_module_is_named_with_its_package(clone, module):
    done = make_without(clone, module)

    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (clone / ".venv").exists()


def test_an_old_python_is_named(clone):
    done = make_without(clone, "nothing", more="sys.version_info = (3, 10, 12)")

    assert done.returncode == 1
    assert "too old; install Python 3.11 or newer" in done.stderr


def test_uv_is_found_in_the_real_lock():
    lock = bootstrap.REPOSITORY / bootstrap.RUNTIME_LOCK

    entry = bootstrap.entry_of("uv", lock.read_text())

    assert entry is not None
    assert entry.startswith("uv==")
    assert entry.count("--hash=sha256:") > 5
    assert "==" not in entry.removeprefix("uv==")


@pytest.mark.parametrize("name", [bootstrap.RUNTIME_LOCK, bootstrap.DEVELOPMENT_LOCK])
def test_lock_files_hold_hashes_and_no_address(name):
    text = (bootstrap.REPOSITORY / name).read_text()

    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
