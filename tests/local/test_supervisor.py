"""The supervisor with the real web server, worker and scheduler."""

import http.client
import signal
import socket
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from novarium.local.ports import free_port, require_free
from tests.local.running import eventually, family, line_with, local, named, programs, started, survivors


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A state folder that the tests of this module use one after the other, as starts of a demo do."""
    return tmp_path_factory.mktemp("demo") / "state"


def serve(folder: Path, port: int):
    return started(str(folder), str(port), module="tests.local.serve", NOVARIUM_STATE=str(folder))


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return response.status == 200
    except (URLError, ConnectionError, TimeoutError, http.client.HTTPException):
        return False


def test_kill_of_the_supervisor_leaves_no_process(folder):
    port = free_port()
    with serve(folder, port) as process:
        line_with(process, "serving")
        assert answers(port)
        assert eventually(lambda: len(named(family(process.pid), "celery")) >= 6)  # with keepers and pool
        left = family(process.pid)
        found = programs(left)
        process.kill()
        process.wait()

        assert found["granian"] >= 3  # one master and two workers
        assert not survivors(left)
        assert not answers(port)


@pytest.mark.slow
def test_a_request_to_stop_ends_everything_in_order_and_the_exit_is_clean(folder):
    with serve(folder, free_port()) as process:
        line_with(process, "serving")
        left = family(process.pid)
        process.send_signal(signal.SIGTERM)

        assert line_with(process, "stopped")
        assert process.wait(timeout=30) == 0
        assert not survivors(left, seconds=1)
    assert not (folder / "env").exists()
    assert "database system is shut down" in (folder / "logs/postgres.log").read_text().splitlines()[-1]


@pytest.mark.slow
def test_a_second_ctrl_c_ends_everything_at_once(folder):
    with serve(folder, free_port()) as process:
        line_with(process, "serving")
        assert eventually(lambda: programs(family(process.pid)).get("celery", 0) >= 4)
        left = family(process.pid)
        for each in left:
            if each.name() == "celery":
                each.suspend()  # it cannot stop in an orderly way
        process.send_signal(signal.SIGINT)
        assert not eventually(lambda: process.poll() is not None, seconds=1.5)
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=5) == 0
        assert not survivors(left, seconds=3)


@pytest.mark.slow
def test_a_process_that_dies_is_started_again_and_the_terminal_says_so(folder):
    port = free_port()
    with serve(folder, port) as process:
        line_with(process, "serving")
        masters = [each for each in named(family(process.pid), "novarium.rsgi") if each.name() == "granian"]
        masters[0].kill()

        assert "starting it again in 1 s" in line_with(process, "web ended with code 137")
        assert eventually(lambda: answers(port))


@pytest.mark.slow
def test_manage_runs_in_the_environment_of_the_running_demo(folder):
    with serve(folder, free_port()) as process:
        line_with(process, "serving")
        done = local("manage", "showmigrations", "portal", NOVARIUM_STATE=str(folder))
        reset = local("reset", NOVARIUM_STATE=str(folder))

    assert "[X] 0001" in done.stdout, done.stderr
    assert reset.returncode == 1
    assert "already runs" in reset.stderr


def test_manage_without_a_demo_says_how_to_start_one(tmp_path):
    done = local("manage", "check", NOVARIUM_STATE=str(tmp_path / "none"))

    assert done.returncode == 1
    assert "start one with make demo" in done.stderr


def test_reset_removes_the_whole_state(folder):
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    (folder / "lock").touch()
    done = local("reset", NOVARIUM_STATE=str(folder))

    assert done.returncode == 0, done.stderr
    assert not folder.exists()


def test_a_taken_port_is_named_with_the_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = local("demo", "--port", str(port), NOVARIUM_STATE=str(tmp_path / "state"))

    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"make demo PORT={port + 1}" in done.stderr


def test_a_free_port_is_accepted():
    require_free(free_port())


@pytest.mark.parametrize("port", ["70000", "eighty", "-1"])
def test_what_is_no_port_number_is_refused(port):
    done = local("demo", f"--port={port}")

    assert done.returncode == 2
    assert "PORT must be a number" in done.stderr
