"""Connections for programs: the key is told once, and a token hands out no more than it has."""

from datetime import UTC, datetime, timedelta

import pytest

from novarium.portal import connections
from novarium.portal.models import AuditEntry, Connection
from tests.experiments.api.calling import V1, Caller, is_problem, patch

pytestmark = pytest.mark.django_db

ALL = ("read", "manage", "ingest", "evaluate")
NEW = {"name": "Web shop", "team": "novaeats", "kind": "client", "scopes": ["evaluate"]}


@pytest.fixture
def boss(lead):
    return Caller(lead, *ALL)


def status_with(key, path="connections/"):
    return Caller.with_secret(key).get(path).status_code


def test_a_lead_makes_changes_rolls_and_revokes_a_connection(boss, catalogue):
    server = {**NEW, "kind": "server", "scopes": ["read"]}
    made = boss.post("connections/", server)
    first, path = made.json()["key"], f"connections/{made.json()['id']}/"
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    assert first.startswith(made.json()["key_prefix"])
    assert status_with(first) == 200
    assert "key" not in boss.get(path).json()
    changed = patch(boss, path, {"per_minute": 60}).json()
    assert (changed["per_minute"], changed["name"]) == (60, "Web shop")
    rolled = boss.post(path + "roll/").json()["key"]
    assert (status_with(first), status_with(rolled)) == (401, 200)
    assert boss.post(path + "revoke/").json()["state"] == "revoked"
    assert status_with(rolled) == 401
    for refused in (patch(boss, path, {"per_minute": 6}), boss.post(path + "roll/"), boss.post(path + "revoke/")):
        is_problem(refused, 409)
    actions = set(AuditEntry.objects.filter(object_type="connection").values_list("action", flat=True))
    assert actions == {"connection.create", "connection.change", "connection.roll", "connection.revoke"}
    assert not any(key in str(entry) for entry in AuditEntry.objects.values() for key in (first, rolled))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"team": "nothing"}, "team"),
        ({"kind": "cloud"}, "kind"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read"]}, "scopes"),
        ({"origins": ["no origin"]}, "origins"),
        ({"per_minute": 0}, "per_minute"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"key": "mine"}, "key"),
    ],
)
def test_a_wrong_connection_is_a_problem_at_the_field(boss, team, changes, field):
    assert field in is_problem(boss.post("connections/", {**NEW, **changes}), 400)["errors"]
    assert not Connection.objects.exists()


def test_only_leads_of_the_team_connect(boss, analyst, other_lead, team):
    is_problem(Caller(analyst, *ALL).post("connections/", NEW), 403)
    is_problem(Caller(other_lead, *ALL).post("connections/", NEW), 403)
    path = f"connections/{boss.post('connections/', NEW).json()['id']}/"
    for caller in (Caller(analyst, *ALL), Caller(other_lead, *ALL)):
        assert caller.get(path).status_code == 200
        is_problem(patch(caller, path, {"name": "x"}), 403)
        is_problem(caller.post(path + "roll/"), 403)
        is_problem(caller.post(path + "revoke/"), 403)


def test_a_token_hands_out_no_key_that_may_do_more_than_itself(boss, lead, team):
    limited = Caller(lead, "manage", "evaluate")
    is_problem(limited.post("connections/", {**NEW, "scopes": ["evaluate", "ingest"]}), 403)
    assert limited.post("connections/", NEW).status_code == 201
    wider = boss.post("connections/", {**NEW, "name": "Wider", "scopes": ["evaluate", "ingest"]}).json()
    is_problem(limited.post(f"connections/{wider['id']}/roll/"), 403)


def test_a_products_key_makes_no_other(team, lead):
    settings = connections.Settings(name="Robot")
    _made, key = connections.create(team=team, kind="server", scopes=list(ALL), settings=settings, actor=lead)
    is_problem(Caller.with_secret(key).post("connections/", NEW), 403)


def test_connections_are_listed_by_team_and_an_end_is_taken_away(boss, team, other_team):
    end = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = boss.post("connections/", {**NEW, "expires_at": end, "origins": ["https://shop.example"]}).json()
    assert made["expires_at"]
    changed = patch(boss, f"connections/{made['id']}/", {"expires_at": None}).json()
    assert (changed["expires_at"], changed["origins"]) == (None, ["https://shop.example"])
    assert len(boss.get("connections/?team=novaeats").json()["results"]) == 1
    assert boss.get("connections/?team=riders").json()["results"] == []
    is_problem(boss.client.get(V1 + "connections/999999/"), 404)
