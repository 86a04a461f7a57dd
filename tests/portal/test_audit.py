"""The audit log's words, page and export."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from django.urls import reverse

from novarium.portal import audit, audit_words
from novarium.portal.models import AuditEntry, MailChoice

ROOT = Path(__file__).resolve().parents[2]
CODE = ("novarium", "experiments", "analytics", "simulation", "storefront")


@pytest.fixture
def log(analyst, lead, team):
    common = {"object_type": "experiment", "object_key": "hero", "team_id": team.pk}
    audit.record(
        actor=analyst,
        action="experiment.plan",
        before={"mde": 0.05, "planned_days": None},
        after={"mde": 0.1, "planned_days": 7},
        **common,
    )
    audit.record(actor=lead, action="experiment.stop", note="=HYPERLINK(1)", before={"status": "running"}, **common)


def actions_in(page):
    return re.findall(r'data-action="([^"]+)"', page)


def test_every_action_that_is_recorded_has_words():
    found = set()
    for package in CODE:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            if "audit" in text:
                found |= set(re.findall(r'action="([a-z_]+\.[a-z_]+)"', text))
    assert len(found) > 15
    assert found - set(audit_words.ACTIONS) == set()


@pytest.mark.django_db
def test_fields_stand_side_by_side_under_the_names_that_people_read(browse, viewer, log):
    page = browse(viewer).get(reverse("portal:audit"), {"action": "experiment.plan"}).text
    row = page[page.index('data-action="experiment.plan"') :]
    assert "Plan changed" in row
    cells = re.findall(r'<th scope="row">([^<]+)</th><td class="was">([^<]*)</td><td class="is">([^<]*)</td>', row)
    assert cells == [("MDE", "0.05", "0.1"), ("planned days", "–", "7")]


@pytest.mark.django_db
def test_what_is_recorded_is_shown_and_never_run(browse, viewer, analyst):
    bad = "<script>alert(1)</script>"
    audit.record(
        actor=analyst, action=bad, object_type=bad, object_key=bad, before={bad: bad}, after={bad: [bad]}, note=bad
    )
    client = browse(viewer)
    assert bad not in client.get(reverse("portal:audit")).text
    assert bad not in client.get(reverse("portal:audit"), {"action": bad}).text


@pytest.mark.django_db
def test_objects_link_to_their_page_unless_deleted(browse, viewer, analyst, log):
    audit.record(actor=analyst, action="experiment.delete", object_type="experiment", object_key="gone")
    page = browse(viewer).get(reverse("portal:audit")).text
    assert 'href="/experiments/hero/"' in page
    assert 'href="/experiments/gone/"' not in page


@pytest.mark.django_db
def test_the_admins_actions_are_named_after_their_tables():
    assert audit_words.action_label("membership.add") == "Membership added"
    assert audit_words.action_label("something.else") == "something.else"


@pytest.mark.django_db
@pytest.mark.usefixtures("korean")
def test_actions_are_said_in_the_readers_language():
    assert audit_words.action_label("experiment.launch") != "Launched"


@pytest.mark.django_db
def test_the_export_holds_what_fits_the_filter_and_no_formula(browse, viewer, log):
    response = browse(viewer).get(reverse("portal:audit_export"), {"object": "hero"})
    assert response.headers["Content-Type"] == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["action"] for row in rows] == ["experiment.stop", "experiment.plan"]
    assert rows[0]["note"] == "'=HYPERLINK(1)"
    assert rows[1]["before"] == '{"mde": 0.05, "planned_days": null}'
    only = browse(viewer).get(reverse("portal:audit_export"), {"action": "experiment.plan"}).text
    assert only.count("\n") == 2
    assert browse(viewer).get(reverse("portal:audit_export"), {"since": "never"}).status_code == 422


@pytest.mark.django_db
def test_the_filter_offers_actions_in_words_and_keeps_one_it_does_not_know(browse, viewer, log):
    page = browse(viewer).get(reverse("portal:audit"), {"action": "membership.add"}).text
    assert '<option value="membership.add" selected>Membership added</option>' in page
    assert '<option value="experiment.plan">Plan changed</option>' in page


@pytest.mark.django_db
def test_a_changed_profile_and_mail_choice_are_in_the_log_with_before_and_after(browse, analyst):
    client = browse(analyst)
    data = {"first_name": "Ann", "last_name": "", "email": "ann@example.com", "language": "en", "theme": "auto"}
    assert client.post(reverse("portal:profile_save"), data).status_code == 302
    entry = AuditEntry.objects.get(action="account.profile")
    assert entry.before == {"first_name": "", "email": "analyst@example.com"}
    assert entry.after == {"first_name": "Ann", "email": "ann@example.com"}
    client.post(reverse("portal:profile_save"), data)
    assert AuditEntry.objects.filter(action="account.profile").count() == 1, "nothing to change is no entry"
    assert client.post(reverse("portal:profile_mail"), {"kinds": ["launch", "stop"]}).status_code == 302
    assert MailChoice.objects.get().kinds == ["launch", "stop"]
    assert AuditEntry.objects.get(action="account.mail").after == {"kinds": ["launch", "stop"]}


@pytest.mark.django_db
def test_the_profile_says_whether_mail_is_sent_at_all(browse, analyst, settings):
    client = browse(analyst)
    assert "sends no e-mail" in client.get(reverse("portal:profile")).text
    settings.SENDS_EMAIL = True
    assert "sends no e-mail" not in client.get(reverse("portal:profile")).text
    analyst.email = ""
    analyst.save()
    assert "has no e-mail address" in client.get(reverse("portal:profile")).text


@pytest.mark.django_db
def test_a_kind_that_does_not_exist_is_refused(browse, analyst):
    assert browse(analyst).post(reverse("portal:profile_mail"), {"kinds": ["everything"]}).status_code == 422
    assert not MailChoice.objects.exists()
