"""docker-compose.yml and the local supervisor describe the same NovaRium."""

import shlex

import pytest
import yaml

from novarium.local.processes import PROCESSES, SERVER_SETTINGS, SETTINGS, Process
from novarium.local.stack import environment, throw_away_state
from novarium.local.state import REPOSITORY

SERVERS = {"postgres", "valkey"}
ONE_OFF = {"migrate"}
OPTIONAL = {"consumer"}
STATE = "/var/lib/novarium"


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]


def words(command):
    return shlex.split(command) if isinstance(command, str) else command


def test_compose_names_the_same_processes(services):
    assert set(services) - SERVERS - ONE_OFF - OPTIONAL == {process.name for process in PROCESSES}
    assert set(services) >= SERVERS


@pytest.mark.parametrize("name", OPTIONAL)
def test_optional_processes_are_asked_for_by_profile(services, name):
    assert services[name]["profiles"]
    assert set(services[name]["environment"]) == {*SETTINGS, *SERVER_SETTINGS}


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_compose_runs_the_same_command(services, process: Process):
    assert words(services[process.name]["command"]) == process.command(host="0.0.0.0", port=8000)  # noqa: S104


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_compose_gives_the_same_settings(services, process: Process):
    given = services[process.name]["environment"]

    assert set(given) == {*SETTINGS, *SERVER_SETTINGS, *process.own_settings(state=STATE)}
    assert given["STATE_DIR"] == STATE
    assert given["PORT"] == "8000"
    assert {name: given[name] for name in process.own_settings(state=STATE)} == process.own_settings(state=STATE)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_compose_grants_the_same_time_to_stop(services, process: Process):
    assert services[process.name]["stop_grace_period"] == f"{process.grace:.0f}s"


def test_supervisor_gives_every_setting():
    state = throw_away_state()
    state.acquire()
    try:
        env = environment(state, {"DATABASE_URL": "a", "REDIS_URL": "b"}, mode="demo", port=8000)
    finally:
        state.release()

    assert set(SETTINGS) <= set(env)


def test_every_long_running_service_has_a_health_check_and_no_root_rights(services):
    for name in set(services) - ONE_OFF:
        assert services[name]["healthcheck"]["test"], name
    for process in PROCESSES:
        assert services[process.name]["user"] == "novarium"


def test_servers_and_state_live_on_volumes(services):
    for name in (*SERVERS, *(process.name for process in PROCESSES)):
        assert services[name]["volumes"], name
