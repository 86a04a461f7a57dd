"""Connections: made by leads, shown once, hashed at rest, changed, rolled, revoked, and what their keys open."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experiments.models import DefinitionVersion, Experiment
from novarium.kernel.errors import Conflict, Forbidden, Invalid
from novarium.portal import connections, grants_store
from novarium.portal.connections import Settings
from novarium.portal.models import ApiToken, AuditEntry, Connection
from novarium.portal.tokens import create_token, revoke_token

FORM = {
    "team": "novaeats",
    "name": "Web shop",
    "kind": "client",
    "scopes": ["evaluate", "ingest"],
    "origins": "https://shop.example\nhttp://localhost:3000",
    "per_minute": "600",
    "days": "90",
    "logs_exposures": "on",
}


@pytest.fixture
def make(lead, team):
    def made(*, kind="server", scopes=("evaluate",), actor=None, **settings):
        named = {"name": "Web shop", **settings}
        return connections.create(team=team, kind=kind, scopes=scopes, settings=Settings(**named), actor=actor or lead)

    return made


def ask(key, path="/api/v1/experiments/", method="get", **more):
    return getattr(Client(), method)(path, headers={"authorization": f"Bearer {key}"}, **more)


def refused(error):
    return set(error.value.fields)


def test_a_server_key_is_not_offered_to_code_that_puts_it_into_addresses(browse, lead):
    made = browse(lead).post(reverse("portal:connections_create"), FORM | {"kind": "server", "origins": ""})
    assert "OFREPProvider" in made.text
    assert "api/features/" not in made.text


def test_a_lead_makes_a_connection_and_sees_its_key_once(browse, lead):
    client = browse(lead)
    made = client.post(reverse("portal:connections_create"), FORM)
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    key = re.search(r"nvr_client_[0-9a-f]{48}", made.text)[0]
    connection = Connection.objects.get()
    assert connection.key_digest == grants_store.digest(key)
    assert connection.origins == ["https://shop.example", "http://localhost:3000"]
    assert connection.expires_at - timezone.now() > timedelta(days=89)
    for snippet in ("ofrep/v1/evaluate/flags", "OFREPProvider", f"api/features/{key}", "api/v1/events"):
        assert snippet in made.text
    for page in (reverse("portal:connections"), reverse("portal:connections_detail", args=[connection.pk])):
        text = client.get(page).text
        assert key not in text
        assert connection.key_digest not in text
        assert connection.key_prefix in text


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"scopes": []},
        {"scopes": ["read"]},
        {"scopes": ["everything"]},
        {"kind": "other"},
        {"origins": "https://shop.example/path"},
        {"origins": "shop.example"},
        {"origins": "javascript:alert(1)"},
        {"per_minute": "0"},
        {"days": "1"},
        {"team": "riders"},
    ],
)
def test_a_bad_form_is_refused_and_makes_nothing(browse, lead, other_team, bad):
    response = browse(lead).post(reverse("portal:connections_create"), {**FORM, **bad})
    assert response.status_code == 422
    assert not Connection.objects.exists()


def test_only_leads_of_the_team_make_and_change_connections(browse, analyst, other_lead, team, make):
    connection, _key = make()
    with pytest.raises(Forbidden):
        make(actor=other_lead, name="Another")
    for person in (analyst, other_lead):
        client = browse(person)
        assert client.get(reverse("portal:connections")).status_code == 200
        for name in ("change", "roll", "revoke"):
            assert client.post(reverse(f"portal:connections_{name}", args=[connection.pk])).status_code == 403
    connection.refresh_from_db()
    assert connection.revoked_at is None


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("HTTPS://Shop.Example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://한국.example", "https://xn--3e0b707e.example"),
        ("*", "*"),
    ],
)
def test_origins_are_kept_as_browsers_send_them(typed, origin):
    assert connections.clean_origins([typed, f" {typed} ", ""]) == (origin,)


@pytest.mark.parametrize(
    "typed",
    ["null", "https://", "https://a b", "ftp://x", "https://user@shop.example", "https://x:99999", "https://[::1"],
)
def test_what_is_no_origin_is_refused(typed):
    with pytest.raises(Invalid) as error:
        connections.clean_origins([typed])
    assert refused(error) == {"origins"}


def test_a_name_is_free_again_after_its_connection_is_revoked(make, lead):
    first, _key = make()
    with pytest.raises(Invalid) as error:
        make()
    assert refused(error) == {"name"}
    connections.revoke(first, actor=lead)
    second, _key = make()
    assert second.pk != first.pk
    with pytest.raises(Conflict):
        connections.revoke(first, actor=lead)
    with pytest.raises(Conflict):
        connections.roll(first, actor=lead)


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "client", "scopes": ["read"]},
        {"scopes": []},
        {"scopes": ["own"]},
        {"per_minute": 0},
        {"origins": ["https://shop.example"]},
        {"kind": "other"},
        {"expires_at": timezone.now() - timedelta(days=9)},
    ],
)
def test_the_database_refuses_what_the_code_should_have(make, columns):
    connection, _key = make()
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(**columns)


def test_grants_hold_what_is_valid_now(make, lead, analyst, viewer, stranger):
    client, key = make(
        kind="client", name="Page", origins=("https://shop.example",), per_minute=7, logs_exposures=False
    )
    revoked, _old = make(name="Old")
    connections.revoke(revoked, actor=lead)
    make(name="Soon over", expires_at=timezone.now() + timedelta(hours=1))
    life = timedelta(days=1)
    _t, of_analyst = create_token(user=analyst, name="a", scopes=["read", "ingest", "manage"], lifetime=life)
    _t, of_viewer = create_token(user=viewer, name="v", scopes=["read", "ingest"], lifetime=life)
    _t, of_stranger = create_token(user=stranger, name="s", scopes=["evaluate"], lifetime=life)
    _t, of_lead = create_token(user=lead, name="l", scopes=["read"], lifetime=life)
    lead.is_active = False
    lead.save()
    grants = grants_store.load_grants(timezone.now() + timedelta(hours=2))
    page = grants[grants_store.digest(key)]
    assert (page.kind, page.id, page.team_id) == ("connection", str(client.pk), client.team_id)
    assert (page.origins, page.per_minute, page.logs_exposures) == (("https://shop.example",), 7, False)
    assert {grant.name for grant in grants.values()} == {"Page", "a", "v", "s"}
    assert grants[grants_store.digest(of_analyst)].scopes == {"read", "ingest", "manage"}
    assert grants[grants_store.digest(of_viewer)].scopes == {"read"}
    assert grants[grants_store.digest(of_stranger)].scopes == set()
    assert grants_store.digest(of_lead) not in grants


def test_every_change_tells_the_processes(make, lead, analyst):
    def version():
        return DefinitionVersion.objects.get(id=1).number

    connection, _key = make()
    seen = [version()]
    connections.change(connection, Settings(name="Renamed", per_minute=5), actor=lead)
    seen.append(version())
    connections.roll(connection, actor=lead)
    seen.append(version())
    connections.revoke(connection, actor=lead)
    seen.append(version())
    token, _secret = create_token(user=analyst, name="t", scopes=["read"], lifetime=timedelta(days=1))
    seen.append(version())
    revoke_token(token, actor=analyst)
    seen.append(version())
    assert seen == list(range(seen[0], seen[0] + 6))
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    verbs = ["create", "change", "roll", "revoke"]
    assert actions == [*(f"connection.{verb}" for verb in verbs), "token.create", "token.revoke"]


def test_the_audit_log_has_no_secret(make, lead):
    connection, key = make()
    _rolled, other = connections.roll(connection, actor=lead)
    text = " ".join(f"{entry.before} {entry.after}" for entry in AuditEntry.objects.all())
    assert key not in text
    assert other not in text
    assert grants_store.digest(other) not in text


def test_the_use_is_noted_at_most_once_a_minute(make):
    connection, _key = make()
    now = timezone.now()

    def noted(at):
        grants_store.note_use([("connection", str(connection.pk))] * 3, now=at)
        connection.refresh_from_db()
        return connection.last_used_at

    assert noted(now) == now
    assert noted(now + timedelta(seconds=30)) == now
    assert noted(now + timedelta(seconds=90)) == now + timedelta(seconds=90)


def test_a_key_opens_what_its_scopes_say(make, draft):
    _connection, key = make(scopes=["read"])
    assert ask(key).status_code == 200
    assert ask(key, "/api/v1/experiments/hero-discount/launch/", "post").status_code == 403
    _connection, ingest = make(scopes=["ingest"], name="Sender")
    assert ask(ingest).status_code == 403
    assert Connection.objects.get(name="Web shop").last_used_at is not None


def test_a_managing_key_acts_as_an_analyst_of_its_team_under_its_own_name(make, draft, other_team, admin):
    _connection, key = make(scopes=["manage", "read"])
    assert ask(key, "/api/v1/experiments/hero-discount/launch/", "post").status_code == 200
    entry = AuditEntry.objects.get(action="experiment.launch")
    assert entry.actor is None
    assert "Web shop" in entry.note
    Experiment.objects.update(status="draft")
    elsewhere, foreign = connections.create(
        team=other_team, kind="server", scopes=["manage"], settings=Settings(name="Riders"), actor=admin
    )
    assert ask(foreign, "/api/v1/experiments/hero-discount/launch/", "post").status_code == 403
    assert elsewhere.created_by == admin


def test_a_revoked_rolled_or_expired_key_is_refused_at_once(make, lead):
    connection, key = make(scopes=["read"])
    rolled, other = connections.roll(connection, actor=lead)
    assert (ask(key).status_code, ask(other).status_code) == (401, 200)
    Connection.objects.update(created_at=timezone.now() - timedelta(days=2))
    Connection.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert ask(other).status_code == 401
    Connection.objects.update(expires_at=None)
    connections.revoke(rolled, actor=lead)
    assert ask(other).status_code == 401


def test_a_connection_is_limited_to_its_own_rate(make):
    cache.clear()
    _connection, key = make(scopes=["read"], per_minute=2)
    _other, free = make(scopes=["read"], name="Free")
    assert [ask(key).status_code for _call in range(3)] == [200, 200, 429]
    limited = ask(key)
    assert limited["Content-Type"] == "application/problem+json"
    assert 0 < int(limited["Retry-After"]) <= 60
    assert ask(free).status_code == 200


@pytest.mark.parametrize("key", ["nvr_", "nvr_client_" + "0" * 48, "nvr_" + "x" * 9000, "nvr_é"])
def test_a_forged_key_is_a_401(db, key):
    assert ask(key).status_code == 401


def test_a_change_of_the_password_ends_the_persons_tokens(browse, analyst, lead):
    for person in (analyst, lead):
        create_token(user=person, name="t", scopes=["read"], lifetime=timedelta(days=1))
    client = browse(analyst)
    words = {
        "old_password": "correct horse battery",
        "new_password1": "another horse 9",
        "new_password2": "another horse 9",
    }
    assert client.post(reverse("portal:profile_password"), words).status_code == 302
    assert [token.user for token in ApiToken.objects.all()] == [lead]


def test_an_administrator_who_sets_a_password_ends_the_tokens(browse, admin, analyst):
    create_token(user=analyst, name="t", scopes=["read"], lifetime=timedelta(days=1))
    words = {"password1": "another horse 9", "password2": "another horse 9", "usable_password": "true"}
    answer = browse(admin).post(reverse("admin:auth_user_password_change", args=[analyst.pk]), words)
    assert answer.status_code == 302
    assert not ApiToken.objects.exists()


def test_the_origin_that_lets_in_all_is_warned_of(browse, lead):
    made = browse(lead).post(reverse("portal:connections_create"), {**FORM, "origins": "*"})
    assert "Pages of any site may use this key" in made.text


def test_settings_change_on_the_page(browse, lead, make):
    connection, _key = make(
        kind="client", origins=("https://a.example",), expires_at=timezone.now() + timedelta(days=3)
    )
    url = reverse("portal:connections_change", args=[connection.pk])
    client = browse(lead)
    assert client.post(url, {"name": "Shop", "origins": "b", "per_minute": "5"}).status_code == 422
    assert client.post(url, {"name": "Shop", "origins": "https://b.example", "per_minute": "5"}).status_code == 302
    connection.refresh_from_db()
    assert (connection.name, connection.origins, connection.per_minute) == ("Shop", ["https://b.example"], 5)
    assert connection.logs_exposures is False
    assert connection.expires_at is not None
