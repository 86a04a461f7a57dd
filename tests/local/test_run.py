"""Throw-away and lasting servers around a command."""

import os
import signal
import sys
from pathlib import Path

import psycopg
import pytest

from tests.local.running import eventually, family, line_with, local, programs, started, survivors

PRINT_FOLDER = 'import os, sys, time; print("folder", os.environ["STATE_DIR"], flush=True)'
QUERY = (
    "import os, psycopg; c = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True);"
    " c.execute('create table if not exists visit ()'); c.execute('insert into visit default values');"
    " print('visits', c.execute('select count(*) from visit').fetchone()[0])"
)
PING = "import os, redis; print('valkey', redis.Redis.from_url(os.environ['REDIS_URL']).incr('starts'))"


def run(*command: str, state: Path | None = None, **settings: str):
    folder = ("--state", str(state)) if state else ()
    return local("run", *folder, "--no-migrate", "--", *command, **settings)


def test_command_reaches_both_servers_and_its_exit_code_is_returned():
    done = run(sys.executable, "-c", f"{QUERY}; {PING}; raise SystemExit(7)")

    assert done.stdout.split() == ["visits", "1", "valkey", "1"], done.stderr
    assert done.returncode == 7


def test_throw_away_folder_is_removed():
    done = run(sys.executable, "-c", PRINT_FOLDER)

    folder = Path(done.stdout.split()[1])
    assert folder.name.startswith("novarium-")
    assert not folder.exists()


def test_second_start_on_the_same_folder_keeps_the_data(tmp_path):
    first = run(sys.executable, "-c", f"{QUERY}; {PING}", state=tmp_path / "state")
    second = run(sys.executable, "-c", f"{QUERY}; {PING}", state=tmp_path / "state")

    assert first.stdout.split() == ["visits", "1", "valkey", "1"], first.stderr
    assert second.stdout.split() == ["visits", "2", "valkey", "2"], second.stderr


def test_secrets_are_readable_by_their_owner_only(tmp_path):
    run("true", state=tmp_path / "state")

    assert (tmp_path / "state/secrets.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state/valkey.conf").stat().st_mode & 0o777 == 0o600


def test_wrong_password_is_refused_even_on_loopback():
    intruder = "import os, psycopg;psycopg.connect(os.environ['DATABASE_URL'], user='postgres', password='postgres')"
    done = run(sys.executable, "-c", intruder)

    assert done.returncode != 0
    assert "password authentication failed" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_no_process_and_no_folder_is_left_however_it_ends(number):
    # A grandchild in a session of its own that ignores every request to stop.
    stubborn = (
        f"{PRINT_FOLDER}; import signal, subprocess;"
        "child = 'import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)];"
        'print("up", flush=True); time.sleep(600)\';'
        "subprocess.Popen([sys.executable, '-c', child], start_new_session=True); time.sleep(600)"
    )
    with started("run", "--no-migrate", "--", sys.executable, "-c", stubborn) as process:
        folder = Path(line_with(process, "folder").split()[1])
        line_with(process, "up")
        left = family(process.pid)
        found = programs(left)
        os.kill(process.pid, number)
        process.wait(timeout=30)

        assert found["postgres"] > 3
        assert found["valkey-server"] == 1
        assert not survivors(left)
        assert eventually(lambda: not folder.exists())


def test_a_keeper_that_is_killed_takes_its_command_along():
    with started("run", "--no-migrate", "--", "sleep", "600") as process:
        assert eventually(lambda: programs(family(process.pid)).get("sleep"))
        keepers = [each for each in family(process.pid) if each.ppid() == process.pid]
        left = family(process.pid)
        for keeper in keepers:
            keeper.kill()

        assert len(keepers) == 3
        assert not survivors(left)


def test_a_folder_in_use_is_refused_in_one_sentence(tmp_path):
    with started("run", "--state", str(tmp_path / "s"), "--no-migrate", "--", "sh", "-c", "echo up; sleep 60") as first:
        line_with(first, "up")
        second = run("true", state=tmp_path / "s")

    assert second.returncode == 1
    assert f"already runs on {tmp_path / 's'} (process {first.pid})" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_start_right_after_a_kill_waits_for_the_remains(tmp_path):
    state = tmp_path / "state"
    with started("run", "--state", str(state), "--no-migrate", "--", "sh", "-c", "echo up; sleep 60") as first:
        line_with(first, "up")
        first.kill()
        first.wait()
        second = run(sys.executable, "-c", QUERY, state=state)

    assert second.stdout.split() == ["visits", "1"], second.stderr


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    done = run("true", state=tmp_path)

    assert done.returncode == 1
    assert "holds other things" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "postgresql://me@127.0.0.1:1/nothing"), ("REDIS_URL", "redis://127.0.0.1:1/0")],
)
def test_a_server_of_ones_own_that_does_not_answer_is_named(name, value):
    done = run("true", **{name: value})

    assert done.returncode == 1
    assert f"that {name} names cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_of_ones_own_replaces_the_embedded_one():
    with started("run", "--no-migrate", "--", "sh", "-c", "echo url $DATABASE_URL; sleep 60") as outer:
        url = line_with(outer, "url").split()[1]
        inner = run("sh", "-c", "echo $DATABASE_URL; ls $STATE_DIR", DATABASE_URL=url)

        assert inner.stdout.split()[0] == url, inner.stderr
        assert "postgres" not in inner.stdout.split()[1:]
        with psycopg.connect(url) as connection:
            assert connection.execute("select current_user").fetchone() == ("novarium",)
