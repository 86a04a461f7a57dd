from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from novarium.portal.models import ApiToken, AuditEntry
from novarium.portal.tokens import create_token

SCHEMA = "/api/schema/"


def ask(secret: str, path: str = SCHEMA):
    return Client().get(path, headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def token_and_secret(analyst):
    return create_token(user=analyst, name="report", scopes=["read"], lifetime=timedelta(days=30))


def test_a_token_is_shown_once_and_works(browse, analyst):
    client = browse(analyst)
    made = client.post(reverse("portal:tokens_new"), {"name": "report", "scopes": ["read"], "days": "30"})
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    secret = re.search(r"Bearer ([0-9a-f]+)", made.text)[1]
    assert ask(secret).status_code == 200
    assert secret not in client.get(reverse("portal:tokens")).text
    assert ApiToken.objects.get().digest not in client.get(reverse("portal:tokens")).text


@pytest.mark.parametrize(
    "bad", [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"days": "99999"}, {"name": "x" * 81}]
)
def test_a_bad_token_form_is_refused_and_makes_nothing(browse, analyst, bad):
    data = {"name": "report", "scopes": ["read"], "days": "30", **bad}
    assert browse(analyst).post(reverse("portal:tokens_new"), data).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_refused_at_once(browse, analyst, token_and_secret):
    token, secret = token_and_secret
    assert ask(secret).status_code == 200
    browse(analyst).post(reverse("portal:tokens_revoke", args=[token.token_key]))
    assert ask(secret).status_code == 401
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["token.revoke", "token.create"]


def test_nobody_revokes_anothers_token(browse, lead, token_and_secret):
    token, secret = token_and_secret
    assert browse(lead).post(reverse("portal:tokens_revoke", args=[token.token_key])).status_code == 404
    assert ask(secret).status_code == 200


def test_an_expired_token_is_refused(analyst, token_and_secret):
    token, secret = token_and_secret
    ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now() - timedelta(seconds=1))
    assert ask(secret).status_code == 401


def test_a_token_without_the_scope_or_of_a_person_without_a_team_is_refused(analyst, stranger):
    for person, scopes in ((analyst, ["ingest"]), (stranger, ["read"])):
        _token, secret = create_token(user=person, name="x", scopes=scopes, lifetime=timedelta(days=1))
        assert ask(secret).status_code == 403


def test_a_token_of_a_switched_off_account_is_refused(analyst, token_and_secret):
    analyst.is_active = False
    analyst.save()
    assert ask(token_and_secret[1]).status_code == 401


def test_the_last_use_is_written_at_most_once_a_minute(token_and_secret, django_assert_num_queries):
    token, secret = token_and_secret
    ask(secret)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    ask(secret)
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(minutes=2))
    ask(secret)
    token.refresh_from_db()
    assert token.last_used_at >= first


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer wrong", "Basic abc", "Bearer é"])
def test_forged_headers_are_answered_401_as_a_problem(db, header):
    response = Client().get(SCHEMA, headers={"authorization": header})
    assert response.status_code == 401
    assert response["Content-Type"].startswith("application/problem+json")
    assert response.json()["status"] == 401
