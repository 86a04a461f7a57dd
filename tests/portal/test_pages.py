"""Overview, teams, audit log, notifications, API docs and error pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from novarium.portal import audit, panels
from novarium.portal.models import AuditEntry, Notification


@pytest.fixture
def entries(analyst, lead, team):
    audit.record(
        actor=analyst, action="experiment.launch", object_type="experiment", object_key="hero", team_id=team.pk
    )
    audit.record(actor=lead, action="feature.adopt", object_type="feature", object_key="home-hero", note="It wins.")


def test_the_overview_shows_what_waits_and_the_teams(browse, analyst, team):
    Notification.objects.create(user=analyst, text="Please review <b>this</b>")
    page = browse(analyst).get("/").text
    assert "Please review &lt;b&gt;this&lt;/b&gt;" in page
    assert team.name in page


def test_the_overview_shows_the_panels_that_apps_register(browse, analyst, monkeypatch):
    monkeypatch.setattr(panels, "_panels", dict(panels._panels))
    panels.register(panels.Panel("t", "portal/panels/teams.html", lambda person: {"memberships": []}, position=1))
    panels.register(panels.Panel("none", "no/such/template.html", lambda person: None, position=2))
    assert "You are in no team yet." in browse(analyst).get("/").text


def test_people_see_their_own_notifications_and_open_them(browse, analyst, lead):
    mine = Notification.objects.create(user=analyst, text="For the analyst", url="/teams/")
    other = Notification.objects.create(user=lead, text="For the lead")
    client = browse(analyst)
    page = client.get(reverse("portal:notifications")).text
    assert "For the analyst" in page
    assert "For the lead" not in page
    assert client.post(reverse("portal:notification", args=[mine.pk])).url == "/teams/"
    assert client.post(reverse("portal:notification", args=[other.pk])).status_code == 404
    mine.refresh_from_db()
    other.refresh_from_db()
    assert mine.read_at is not None
    assert other.read_at is None


def test_a_notification_never_leads_to_another_site(browse, analyst):
    bad = Notification.objects.create(user=analyst, text="x", url="https://evil.example/")
    assert browse(analyst).post(reverse("portal:notification", args=[bad.pk])).url == reverse("portal:notifications")


def test_all_can_be_marked_as_read_and_the_bell_is_silent(browse, analyst):
    Notification.objects.create(user=analyst, text="One")
    client = browse(analyst)
    assert 'class="count"' in client.get("/").text
    client.post(reverse("portal:notifications_read"))
    assert 'class="count"' not in client.get("/").text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ({"actor": "analyst"}, "<code>hero</code>", "<code>home-hero</code>"),
        ({"action": "adopt"}, "<code>home-hero</code>", "<code>hero</code>"),
        ({"object": "feature"}, "<code>home-hero</code>", "<code>hero</code>"),
        ({"object": "home-"}, "<code>home-hero</code>", "<code>hero</code>"),
        ({"until": "2000-01-01"}, "No entry fits", "<code>hero</code>"),
        ({"since": "2000-01-01"}, "<code>hero</code>", "No entry fits"),
    ],
)
def test_the_audit_log_can_be_filtered(browse, viewer, entries, query, shown, hidden):
    page = browse(viewer).get(reverse("portal:audit"), query).text
    assert shown in page
    assert hidden not in page


@pytest.mark.parametrize("query", [{"since": "2026-02-02", "until": "2026-02-01"}, {"since": "yesterday"}])
def test_a_filter_that_cannot_be_read_is_answered_422(browse, viewer, entries, query):
    response = browse(viewer).get(reverse("portal:audit"), query)
    assert response.status_code == 422
    assert 'class="field-error"' in response.text


def test_the_audit_log_has_pages_that_keep_the_filter(browse, viewer, analyst):
    for number in range(55):
        audit.record(actor=analyst, action="metric.edit", object_type="metric", object_key=f"m{number}")
    client = browse(viewer)
    first = client.get(reverse("portal:audit"), {"action": "metric"})
    assert "action=metric&amp;page=2" in first.text
    assert "<code>m0</code>" in client.get(reverse("portal:audit"), {"action": "metric", "page": 2}).text
    assert client.get(reverse("portal:audit"), {"page": "nonsense"}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_log(browse, viewer, analyst, django_assert_max_num_queries):
    for number in range(40):
        audit.record(actor=analyst, action="metric.edit", object_type="metric", object_key=f"m{number}")
    client = browse(viewer)
    with django_assert_max_num_queries(8):
        client.get(reverse("portal:audit"))


def test_a_team_page_lists_its_members(browse, viewer, lead, team, entries):
    page = browse(viewer).get(reverse("portal:team", args=[team.key])).text
    assert "Lead" in page
    assert "Launched <code>hero</code>" in page
    assert browse(viewer).get(reverse("portal:team", args=["nowhere"])).status_code == 404


def test_the_api_docs_name_every_operation_of_the_schema(browse, viewer):
    client = browse(viewer)
    schema = client.get("/api/schema/").json()
    page = client.get("/api/docs/").text
    assert schema["openapi"] == "3.1.0"
    assert all(path in page for path in schema["paths"])


def test_the_style_page_shows_every_component(browse, admin, viewer):
    assert browse(admin).get("/style/").status_code == 200
    assert browse(viewer).get("/style/").status_code == 403


def test_a_missing_page_is_answered_in_the_portals_clothes(db, browse, viewer):
    for client in (Client(), browse(viewer)):
        response = client.get("/nothing/here/")
        assert response.status_code == 404
        assert "There is nothing at this address." in response.text


def test_an_htmx_request_that_is_refused_gets_a_fragment(browse, viewer):
    response = browse(viewer).get("/style/", headers={"hx-request": "true"})
    assert response.status_code == 403
    assert 'class="toast"' in response.text
    assert "<html" not in response.text


def test_an_old_form_says_what_to_do(viewer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    response = client.post(reverse("portal:theme"), {"theme": "dark"})
    assert response.status_code == 403
    assert "Reload the page" in response.text


def test_a_fault_of_ours_is_said_without_the_database(db, viewer, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(viewer)
    monkeypatch.setattr(
        panels, "_panels", {"broken": panels.Panel("broken", "x.html", lambda person: 1 / 0, position=1)}
    )  # type: ignore[arg-type,return-value]
    response = client.get("/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.text


def test_no_page_of_the_portal_runs_inline_scripts(browse, admin):
    client = browse(admin)
    for path in ("/", "/profile/", "/teams/", "/tokens/", "/audit/", "/notifications/", "/style/", "/api/docs/"):
        response = client.get(path)
        inline = [part for part in response.text.split("<script")[1:] if "src=" not in part.split(">")[0]]
        assert all('type="application/json"' in part.split(">")[0] for part in inline), path
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert "unsafe-inline" not in response["Content-Security-Policy"].split("script-src")[1].split(";")[0]


def test_audit_entries_are_never_lost_with_their_person(analyst, entries):
    assert AuditEntry.objects.filter(actor=analyst).exists()
