"""Walks all addresses with all roles: each view says who may open it, and holds to it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib import admin as admin_site
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experiments.allocation import layers
from experiments.designs.design_templates import content_of
from experiments.models import Comment, DesignTemplate
from novarium.portal.roles import MAY, Action, Role
from tests.portal.addresses import LOGIN_FREE, TEAM_OWNED, all_addresses

ADDRESSES = all_addresses()
ROLES = {"viewer": Role.VIEWER, "analyst": Role.ANALYST, "lead": Role.LEAD, "admin": Role.ADMIN}


def is_api(address) -> bool:
    return hasattr(address.view, "cls")


def is_login_free(address) -> bool:
    return not is_api(address) and getattr(address.view, "login_required", True) is False


def is_personal(address) -> bool:
    return getattr(address.view, "personal", False)


GUARDED = [address for address in ADDRESSES if not is_login_free(address) and not is_api(address)]
API = [address for address in ADDRESSES if is_api(address)]


@pytest.fixture(autouse=True)
def _quick_hasher(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def people(_quick_hasher, running, viewer, analyst, lead, admin, stranger, other_lead):
    """A world with a running experiment and a layer, and everybody who might look at it."""
    layers.create(key="home", name="Home", team=running.team, description="", actor=lead)
    DesignTemplate.objects.create(pk=1, team=running.team, name="One", content=content_of(running))
    Comment.objects.create(
        pk=1, experiment=running, author=analyst, text="One", submission=uuid4(), created_at=timezone.now()
    )
    everybody = {"viewer": viewer, "analyst": analyst, "lead": lead, "admin": admin}
    return {**everybody, "stranger": stranger, "other_lead": other_lead}


def answer(person, url, method=None):
    """Return the answer to a GET, or a POST where only that is served; whatever it changed is undone."""
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    with transaction.atomic():
        sent = getattr(client, (method or "get").lower())
        response = sent(url) if not method or method == "GET" else sent(url, content_type="application/json")
        if response.status_code == 405 and method is None:
            response = client.post(url)
        transaction.set_rollback(True)
    return response


def goes_to_login(response) -> bool:
    return response.status_code == 302 and response.url.split("?")[0] == reverse("portal:login")


def ids(addresses):
    return [address.name for address in addresses]


@pytest.mark.parametrize("address", ADDRESSES, ids=ids(ADDRESSES))
def test_every_view_says_who_may_open_it(address):
    if is_login_free(address):
        assert address.name in LOGIN_FREE or f"{address.namespace}:" in LOGIN_FREE, (
            f"{address.name} is open to the world; if that is meant, add it to LOGIN_FREE in tests/portal/addresses.py"
        )
    elif is_api(address):
        actions = getattr(address.view.cls, "actions_by_method", {})
        assert actions, f"{address.name} names no actions_by_method"
        assert all(isinstance(action, Action) for action in actions.values())
    else:
        action = getattr(address.view, "action", None)
        assert is_personal(address) or isinstance(action, Action), (
            f"{address.name} names no action: use allow(Action.…)"
        )


@pytest.mark.parametrize("address", ADDRESSES, ids=ids(ADDRESSES))
def test_every_parameter_has_a_sample(address):
    assert address.url().startswith("/")


# Whose role would allow it, but the object is another person's: the comment is the analyst's, and leads may delete any.
NOT_THEIRS = {"experiments:comment_delete": {"viewer"}, "DELETE api:experiment_comment": {"viewer"}}


@pytest.mark.parametrize("address", GUARDED, ids=ids(GUARDED))
def test_pages_hold_to_the_table_of_roles(address, people):
    url = address.url()
    assert goes_to_login(answer(None, url)), "a stranger to the site must log in"
    for name, role in ROLES.items():
        response = answer(people[name], url)
        if name in NOT_THEIRS.get(address.name, ()):
            assert response.status_code == 403, f"{name} must be refused at {url}: it is another's"
        elif is_personal(address) or role in MAY[address.view.action]:
            assert response.status_code not in {403, 405}, f"{name} must be let in to {url}"
            assert response.status_code < 500, f"{name} broke {url}"
            assert not goes_to_login(response) or address.name == "portal:logout"
        else:
            assert response.status_code == 403, f"{name} must be refused at {url}"
    expected = {403} if not is_personal(address) else {200, 302, 400, 404, 422}
    assert answer(people["stranger"], url).status_code in expected


TEAM_PAGES = [
    address
    for address in GUARDED
    if address.namespace in TEAM_OWNED
    and address.parameters
    and getattr(address.view, "action", Action.READ) is not Action.READ
]


@pytest.mark.parametrize("address", TEAM_PAGES, ids=ids(TEAM_PAGES))
def test_a_lead_of_another_team_changes_nothing_of_this_one(address, people):
    assert answer(people["other_lead"], address.url()).status_code == 403


@pytest.mark.parametrize("address", API, ids=ids(API))
def test_the_api_holds_to_the_table_of_roles(address, people):
    url = address.url()
    for method, action in address.view.cls.actions_by_method.items():
        assert answer(None, url, method).status_code == 401
        assert answer(people["stranger"], url, method).status_code == 403
        for name, role in ROLES.items():
            status = answer(people[name], url, method).status_code
            not_theirs = name in NOT_THEIRS.get(f"{method} {address.name}", ())
            if role in MAY[action] and not not_theirs:
                assert status not in {401, 403, 405}, f"{name} must be let in to {method} {url}"
                assert status < 500, f"{name} broke {method} {url}"
            else:
                assert status == 403, f"{name} must be refused at {method} {url}"


ADMIN_PAGES = ["admin:index", "admin:jsi18n", "admin:password_change"] + [
    f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin_site.site._registry
]


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_the_administration_is_for_administrators(name, people):
    url = reverse(name)
    assert goes_to_login(answer(None, reverse("admin:login")))
    assert answer(None, url).status_code == 302
    for person in ("viewer", "analyst", "lead", "stranger", "other_lead"):
        client = Client()
        client.force_login(people[person])
        assert client.get(url, follow=True).status_code == 403
    assert answer(people["admin"], url).status_code == 200


def test_staff_without_the_superuser_role_is_no_administrator(people, db):
    person = people["analyst"]
    person.is_staff = True
    person.save()
    client = Client()
    client.force_login(person)
    assert client.get("/admin/", follow=True).status_code == 403
