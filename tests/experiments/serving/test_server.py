"""The real web server, asked by the official clients; it outlives Valkey and Postgres, and says so."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
from pathlib import Path

import hypothesis
import psycopg
import pytest
import schemathesis
from growthbook import GrowthBook
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from schemathesis.checks import CHECKS

from experiments.serving import openapi
from novarium.local.ports import free_port
from novarium.local.state import REPOSITORY, State
from tests.experiments.serving.running import HERO, Server, serving
from tests.local.running import eventually, own_env

pytestmark = pytest.mark.slow
LEAN = ("/ofrep/", "/api/features/", "/api/v1/events")
STREAM = "/ofrep/v1/events"  # goes on until it is closed


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("lean") / "state") as found:
        yield found


@pytest.fixture
def client(server):
    provider = OFREPProvider(
        f"http://127.0.0.1:{server.port}", headers_factory=lambda: {"Authorization": f"Bearer {server.key}"}
    )
    api.set_provider(provider)
    yield api.get_client()
    api.clear_providers()


def test_official_client_reads_every_type_with_reason_and_variant(client):
    unit = EvaluationContext("u1")
    assert client.get_boolean_value("app-new-search", True, unit) is False
    assert client.get_string_value("app-welcome-text", "x", unit) == "Welcome!"
    assert client.get_integer_value("app-results-per-page", 1, unit) == 20
    assert client.get_float_value("app-delivery-fee-factor", 3.5, unit) == 1.0
    details = client.get_object_details(HERO, {}, unit)
    assert (details.reason, details.variant in {"control", "discount"}) == ("SPLIT", True)
    assert details.flag_metadata["experiment"] == "hero-discount"
    assert details.error_code is None


def test_official_client_is_told_what_is_wrong(client):
    unit = EvaluationContext("u1")
    assert client.get_object_details(HERO, {}).error_code is ErrorCode.TARGETING_KEY_MISSING
    assert client.get_boolean_details("nothing", True, unit).error_code is ErrorCode.FLAG_NOT_FOUND
    assert client.get_boolean_details(HERO, True, unit).error_code is ErrorCode.TYPE_MISMATCH
    assert client.get_boolean_details("app-new-search", True).reason == "STATIC"
    wide = EvaluationContext("x" * 300)
    assert client.get_boolean_details("app-new-search", True, wide).error_code is ErrorCode.INVALID_CONTEXT


def test_public_sdk_assigns_as_the_server_does(server):
    local = GrowthBook(api_host=f"http://127.0.0.1:{server.port}", client_key=server.key)
    local.load_features()
    for n in range(30):
        local.set_attributes({"id": f"u{n}"})
        status, body = server.flag(HERO, f"u{n}")
        assert (status, body["value"]) == (200, local.get_feature_value(HERO, None))
    local.destroy()


def test_change_is_served_within_a_second_and_streams_are_told(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", f"/ofrep/v1/events?key={server.key}")
    stream = connection.getresponse()
    told: list[float] = []
    reader = threading.Thread(target=lambda: _until_told(stream, told), daemon=True)
    reader.start()
    changed_at = float(server.manage(_SWITCH.format(key="app-new-search")))
    assert eventually(lambda: server.flag("app-new-search")[1]["reason"] == "DISABLED", seconds=5)
    reader.join(timeout=10)
    connection.close()
    assert told
    assert told[0] - changed_at < 1.0


_SWITCH = """
import time
from django.db import transaction
from experiments.features import targeting
from experiments.models import Feature
from novarium.portal.models import User
feature = Feature.objects.get(key="{key}")
boss = User.objects.get(username="boss")
targeting.switch(feature, enabled=not feature.enabled, expected=feature.serving_number, actor=boss)
print(time.time())
"""


def _until_told(stream, told: list[float]) -> None:
    while line := stream.readline():
        if b"refetchEvaluation" in line:
            told.append(time.time())
            return


def test_exposure_is_stored_before_the_answer_and_once(server):
    for _n in range(3):
        context = {"context": {"targetingKey": "exposed-1"}}
        assert server.ask("POST", f"/ofrep/v1/evaluate/flags/{HERO}", context, key=server.storing_key)[0] == 200
        with psycopg.connect(State(server.state).read_env()["DATABASE_URL"]) as database:
            rows = database.execute(
                "select count(*) from experiment.experiments_exposure where unit_id = 'exposed-1'"
            ).fetchone()
        assert rows == (1,)


def test_events_come_in_by_the_same_key(server):
    event = {"event_id": "018f3a5d-ac96-774b-bcce-b302099a8057", "name": "click", "unit_id": "exposed-1"}
    event["occurred_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    status, _headers, raw = server.ask("POST", "/api/v1/events", event, **{"content-type": "application/json"})
    assert status == 200, raw
    assert server.ask("POST", "/api/v1/events", event, key="nonsense")[0] == 401


def test_revoked_key_is_refused_within_a_second(server):
    made = server.manage(
        "from novarium.portal import connections\nfrom novarium.portal.models import Team, User\n"
        "boss = User.objects.get(username='boss')\n"
        "made, key = connections.create(team=Team.objects.get(), kind='server', scopes=['evaluate'],"
        " settings=connections.Settings(name='short'), actor=boss)\nprint(made.pk, key)"
    ).split()
    ask = lambda: server.ask("POST", "/ofrep/v1/evaluate/flags/app-welcome-text", {}, key=made[1])[0]  # noqa: E731
    assert eventually(lambda: ask() == 200, seconds=3)
    server.manage(
        "from novarium.portal import connections\nfrom novarium.portal.models import Connection, User\n"
        f"connections.revoke(Connection.objects.get(pk={made[0]}), actor=User.objects.get(username='boss'))"
    )
    assert eventually(lambda: ask() == 401, seconds=3)


def test_pages_exports_and_bodies_come_through_the_bridge(server):
    assert server.ask("GET", "/healthz")[2] == b"ok\n"
    status, headers, _raw = server.ask("GET", "/features/")
    assert (status, headers["location"]) == (302, "/login/?next=/features/")
    assert server.ask("HEAD", "/healthz")[2] == b""
    assert server.ask("POST", "/login/", {"a": "b"})[0] in {403, 200}
    status, headers, _raw = server.ask("GET", "/ofrep/v1/evaluate/flags/", {})
    assert (status, "location" in headers) == (404, False)


def test_without_valkey_a_change_is_still_served_soon(server):
    for child in server.child("valkey-server"):
        child.kill()
    server.manage(_SWITCH.format(key="app-welcome-text"))
    assert eventually(lambda: server.flag("app-welcome-text")[1]["reason"] == "DISABLED", seconds=10)
    assert eventually(lambda: server.ready()[0] == 200, seconds=30)


def test_without_postgres_evaluation_goes_on_and_readiness_says_so(server):
    assert server.ready()[1]["definitions"] == "current"
    masters = [each for each in server.child("postgres") if "-D" in " ".join(each.cmdline())]
    assert masters
    for _round in range(3):  # the supervisor starts it again: keep it away for a while
        for each in server.child("postgres"):
            if each.is_running():
                each.kill()
        assert [server.flag(HERO, f"u{n}")[0] for n in range(20)] == [200] * 20
        time.sleep(0.3)
    assert eventually(lambda: server.ready()[1]["definitions"].startswith("held, as of"), seconds=10)
    assert server.ready()[0] == 503
    assert server.flag(HERO)[1]["reason"] == "SPLIT"
    assert eventually(lambda: server.ready() == (200, {"postgres": "ok", "valkey": "ok", "definitions": "current"}))


def test_worker_that_starts_without_postgres_says_so_and_recovers(tmp_path):
    port = free_port()
    env = own_env(
        DATABASE_URL="postgresql://novarium:x@127.0.0.1:1/novarium",
        REDIS_URL="redis://127.0.0.1:1/0",
        SECRET_KEY="x" * 50,
        NOVARIUM_ENV="test",
        STATE_DIR=str(tmp_path),
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path),
    )
    command = ["--interface", "rsgi", "--port", str(port), "--workers", "1", "novarium.rsgi:application"]
    granian = str(Path(sys.executable).with_name("granian"))
    with subprocess.Popen(
        [granian, *command], cwd=REPOSITORY, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        lonely = Server(port, process.pid, tmp_path, {"": "nothing"})
        try:
            assert eventually(lambda: _alive(lonely), seconds=120)
            status, said = lonely.ready()
            assert (status, said["postgres"], said["definitions"]) == (503, "unreachable", "none yet")
            assert lonely.flag(HERO)[0] == 503
            assert process.poll() is None
        finally:
            process.kill()


def _alive(server: Server) -> bool:
    try:
        return server.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


def test_no_request_breaks_the_lean_paths_and_answers_are_as_described(server):
    head = {"Authorization": f"Bearer {server.key}"}
    document = schemathesis.openapi.from_dict(
        {
            "openapi": "3.1.0",
            "info": {"title": "The lean paths", "version": "1"},
            "paths": openapi.PATHS,
            "components": {"schemas": openapi.SCHEMAS, "securitySchemes": openapi.SECURITY_SCHEMES},
        }
    )
    checks = [CHECKS.get_one(name) for name in ("status_code_conformance", "response_schema_conformance")]
    lean = [found.ok() for found in document.get_all_operations()]
    lean = [found for found in lean if found.path.startswith(LEAN) and found.path != STREAM]
    assert len(lean) >= 4
    for operation in lean:

        @hypothesis.settings(
            max_examples=60,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            answer = case.call(base_url=f"http://127.0.0.1:{server.port}", headers=head)
            assert answer.status_code < 500, case.as_curl_command()
            case.validate_response(answer, checks=checks)

        check()
