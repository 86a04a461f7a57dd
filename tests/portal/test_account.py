from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from novarium.portal.models import AuditEntry

PASSWORD = "correct horse battery"
LOGIN = {"username": "analyst", "password": PASSWORD}


@pytest.fixture
def visitor(db):
    return Client()


def test_the_login_leads_to_the_overview(visitor, analyst):
    response = visitor.post(reverse("portal:login"), LOGIN)
    assert response.status_code == 302
    assert response.url == "/"


def test_a_wrong_password_is_answered_422_with_a_sentence(visitor, analyst):
    response = visitor.post(reverse("portal:login"), {**LOGIN, "password": "wrong"})
    assert response.status_code == 422
    assert "do not match" in response.text


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(visitor, analyst):
    for _ in range(5):
        last = visitor.post(reverse("portal:login"), {**LOGIN, "password": "wrong"})
    assert last.status_code == 429
    assert "Login is paused" in last.text
    assert visitor.post(reverse("portal:login"), LOGIN).status_code == 429
    assert visitor.get("/").status_code == 302


def test_the_lock_is_of_one_account(visitor, analyst, lead):
    for _ in range(5):
        visitor.post(reverse("portal:login"), {**LOGIN, "password": "wrong"})
    assert visitor.post(reverse("portal:login"), {"username": "lead", "password": PASSWORD}).status_code == 302


def test_the_administration_has_no_login_of_its_own(visitor):
    response = visitor.get("/admin/login/?next=/admin/")
    assert response.status_code == 302
    assert response.url.startswith(reverse("portal:login"))


def test_the_login_never_leads_to_another_site(visitor, analyst):
    response = visitor.post(reverse("portal:login"), {**LOGIN, "next": "https://evil.example/"})
    assert response.url == "/"


@pytest.mark.usefixtures("_compiled_catalogue")
def test_before_the_login_the_language_is_a_cookie(visitor):
    response = visitor.post(reverse("portal:language"), {"language": "ko", "next": "/login/"})
    assert response.url == "/login/"
    assert 'lang="ko"' in visitor.get("/login/").text


@pytest.mark.usefixtures("_compiled_catalogue")
def test_after_the_login_the_language_is_the_accounts(browse, analyst):
    browse(analyst).post(reverse("portal:language"), {"language": "ko", "next": "/"})
    assert ">개요<" in browse(analyst).get("/").text


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_switching_leads_back_to_this_site_only(browse, analyst, next_page):
    for name, data in (("portal:language", {"language": "en"}), ("portal:theme", {"theme": "dark"})):
        assert browse(analyst).post(reverse(name), {**data, "next": next_page}).url == "/"


def test_unknown_languages_and_themes_are_refused_and_change_nothing(browse, analyst):
    assert browse(analyst).post(reverse("portal:language"), {"language": "xx"}).status_code == 422
    assert browse(analyst).post(reverse("portal:theme"), {"theme": "pink"}).status_code == 422
    analyst.refresh_from_db()
    assert (analyst.language, analyst.theme) == ("en", "auto")


def test_the_theme_is_on_the_root_element(browse, analyst):
    browse(analyst).post(reverse("portal:theme"), {"theme": "dark"})
    assert 'data-theme="dark"' in browse(analyst).get("/").text


def test_the_profile_is_saved_and_a_bad_one_refused(browse, analyst):
    client = browse(analyst)
    good = {"first_name": "Mina", "last_name": "Kim", "email": "m@example.com", "language": "ko", "theme": "light"}
    assert client.post(reverse("portal:profile_save"), good).status_code == 302
    refused = client.post(reverse("portal:profile_save"), {**good, "email": "nonsense", "first_name": "Other"})
    assert refused.status_code == 422
    analyst.refresh_from_db()
    assert (analyst.first_name, analyst.theme) == ("Mina", "light")


def test_a_new_password_keeps_this_session_and_ends_the_others(browse, analyst):
    here, elsewhere = browse(analyst), browse(analyst)
    new = "a much longer phrase 7"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post(reverse("portal:profile_password"), data).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    entry = AuditEntry.objects.get(action="account.password")
    assert (entry.before, entry.after) == (None, None)


def test_a_weak_password_is_refused(browse, analyst):
    data = {"old_password": PASSWORD, "new_password1": "12345678", "new_password2": "12345678"}
    response = browse(analyst).post(reverse("portal:profile_password"), data)
    assert response.status_code == 422
    analyst.refresh_from_db()
    assert analyst.check_password(PASSWORD)


def test_logging_out_ends_the_session(browse, analyst):
    client = browse(analyst)
    assert client.post(reverse("portal:logout")).status_code == 302
    assert client.get("/").status_code == 302
    assert client.get(reverse("portal:logout")).status_code in {302, 405}
