"""Whose rights PostgreSQL runs with."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from novarium.local import account, child
from tests.local import without_namespaces
from tests.local.running import REPOSITORY, own_env

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change accounts")
COUNT = (
    "import os, psycopg; c = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True);"
    " c.execute('create table if not exists visit ()'); c.execute('insert into visit default values');"
    " print('visits', c.execute('select count(*) from visit').fetchone()[0])"
)


def run(*arguments: str, namespaces: bool) -> str:
    front = [] if namespaces else [sys.executable, without_namespaces.__file__]
    local = [sys.executable, "-m", "novarium.local"]
    done = subprocess.run(
        [*front, *local, *arguments], cwd=REPOSITORY, env=own_env(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@only_root
def test_root_without_namespaces_runs_postgres_as_nobody():
    who = "stat -c %U $STATE_DIR/postgres"

    assert run("run", "--no-migrate", "--", "sh", "-c", who, namespaces=False).strip() == "nobody"
    allowed = subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode == 0
    owner = "root" if allowed else "nobody"
    assert run("run", "--no-migrate", "--", "sh", "-c", who, namespaces=True).strip() == owner


@only_root
@pytest.mark.slow
def test_data_outlives_a_change_between_namespace_and_nobody():
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to nobody
        Path(place).chmod(0o755)
        arguments = ("run", "--state", f"{place}/state", "--no-migrate", "--", sys.executable, "-c", COUNT)
        outputs = [run(*arguments, namespaces=namespaces) for namespaces in (True, False, True)]

    assert outputs == ["visits 1\n", "visits 2\n", "visits 3\n"]


@only_root
@pytest.mark.slow
def test_a_folder_closed_to_nobody_has_its_database_outside(tmp_path):
    state = tmp_path / "state"
    tmp_path.chmod(0o700)
    arguments = ("run", "--state", str(state), "--no-migrate", "--", sys.executable, "-c", COUNT)
    try:
        outputs = [run(*arguments, namespaces=namespaces) for namespaces in (False, True, False)]
        assert (account.outside_place(state) / "postgres").exists()
    finally:
        subprocess.run(["rm", "-rf", account.outside_place(state)], check=True)

    assert outputs == ["visits 1\n", "visits 2\n", "visits 3\n"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root never runs PostgreSQL as itself")
def test_an_ordinary_user_runs_postgres_as_is(tmp_path):
    chosen = account.choose(tmp_path, Path("/installed"))

    assert chosen.name == child.SAME_USER
    assert chosen.data == tmp_path / "postgres"
