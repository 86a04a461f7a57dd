"""The demo's people: made once, with passwords of their own, written where only the owner reads."""

import stat

import pytest
from django.test import Client

from novarium.portal import demo_accounts
from novarium.portal.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.STATE_DIR = tmp_path


def test_each_login_works_and_the_file_is_private(client):
    logins = demo_accounts.install()
    assert [login.role for login in logins] == ["admin", "lead", "analyst", "viewer"]
    for login in logins:
        answer = Client().post("/login/", {"username": login.username, "password": login.password})
        assert answer.status_code == 302
    assert stat.S_IMODE(demo_accounts.logins_file().stat().st_mode) == 0o600


def test_second_start_keeps_people_and_passwords():
    first = demo_accounts.install()
    assert demo_accounts.install() == first
    assert User.objects.count() == 4
