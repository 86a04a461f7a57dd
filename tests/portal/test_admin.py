from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin as admin_site
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from novarium.portal.models import ApiToken, AuditEntry, Membership, Team, User
from novarium.portal.tokens import create_token


@pytest.fixture
def office(browse, admin):
    return browse(admin)


@pytest.mark.parametrize("model", list(admin_site.site._registry), ids=lambda model: model._meta.label)
def test_every_list_opens_and_can_be_searched(office, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert office.get(address).status_code == 200
    assert office.get(address, {"q": "x"}).status_code in {200, 302}


def test_a_member_added_in_the_admin_is_in_the_audit_log(office, admin, team, stranger):
    data = {
        "name": "NovaEats Growth",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": str(stranger.pk),
        "memberships-0-role": "analyst",
    }
    response = office.post(reverse("admin:portal_team_change", args=[team.pk]), data)
    assert response.status_code == 302
    assert Membership.objects.get(user=stranger).role == "analyst"
    entry = AuditEntry.objects.get(action="membership.add")
    assert entry.actor == admin
    assert entry.team == team
    assert entry.after["role"] == "analyst"


def test_a_changed_account_is_audited_without_its_password(office, analyst):
    data = {"username": "analyst", "first_name": "New", "language": "en", "theme": "auto", "is_active": "on"}
    data |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    assert office.post(reverse("admin:portal_user_change", args=[analyst.pk]), data).status_code == 302
    entry = AuditEntry.objects.get(action="user.change")
    assert entry.before["first_name"] == ""
    assert entry.after["first_name"] == "New"
    assert "password" not in entry.before


def test_accounts_and_audit_entries_cannot_be_deleted_or_forged(office, analyst):
    AuditEntry.objects.create(action="x.y", object_type="x", object_key="y")
    entry = AuditEntry.objects.get()
    assert office.post(reverse("admin:portal_user_delete", args=[analyst.pk]), {"post": "yes"}).status_code == 403
    assert office.post(reverse("admin:portal_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    assert office.post(reverse("admin:portal_auditentry_add"), {"action": "z"}).status_code == 403
    assert office.post(reverse("admin:portal_auditentry_change", args=[entry.pk]), {"action": "z"}).status_code == 403
    assert User.objects.filter(pk=analyst.pk).exists()
    assert AuditEntry.objects.get().action == "x.y"


def test_tokens_are_listed_without_their_hash_and_can_be_revoked(office, analyst):
    token, secret = create_token(user=analyst, name="weekly report", scopes=["read"], lifetime=timedelta(days=1))
    page = office.get(reverse("admin:portal_apitoken_changelist")).text
    assert "weekly report" in page
    assert token.digest not in page
    assert secret not in page
    revoke = reverse("admin:portal_apitoken_revoke", args=[analyst.pk, token.token_key])
    assert token.digest not in office.get(revoke).text
    assert ApiToken.objects.exists()
    assert office.post(revoke).status_code == 302
    assert not ApiToken.objects.exists()


def test_the_key_of_a_team_stays(office, team):
    data = {"name": "Other", "key": "other", "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    office.post(reverse("admin:portal_team_change", args=[team.pk]), data)
    assert Team.objects.get().key == "novaeats"


def task_form(task, **changes):
    """Return what the browser would send for the task's form."""
    return {"name": task.name, "task": task.task, "interval": task.interval_id, "args": "[]", "kwargs": "{}",
            "headers": "{}", "enabled": "on"} | changes  # fmt: skip


def test_a_changed_schedule_is_in_the_log_with_before_and_after(office):
    task = PeriodicTask.objects.get(name="Deliver what is due")
    address = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    assert office.post(address, task_form(task, description="Sends mail", expire_seconds=14)).status_code == 302
    entry = AuditEntry.objects.get(action="periodictask.change")
    assert entry.before == {"description": ""}
    assert entry.after == {"description": "Sends mail"}
    interval = reverse("admin:django_celery_beat_intervalschedule_change", args=[task.interval_id])
    data = {"every": "20", "period": "seconds", "periodictask_set-TOTAL_FORMS": 0, "periodictask_set-INITIAL_FORMS": 0}
    assert office.post(interval, data).status_code == 302
    entry = AuditEntry.objects.get(action="intervalschedule.change")
    assert (entry.before, entry.after) == ({"every": 15}, {"every": 20})


def test_scheduled_work_that_is_switched_off_in_the_list_is_in_the_log(office):
    task = PeriodicTask.objects.get(name="Deliver what is due")
    address = reverse("admin:django_celery_beat_periodictask_changelist")
    assert office.post(address, {"action": "disable_tasks", "_selected_action": [task.pk]}).status_code == 302
    task.refresh_from_db()
    assert not task.enabled
    entry = AuditEntry.objects.get(action="periodictask.change")
    assert (entry.object_key, entry.before, entry.after) == (str(task), {"enabled": True}, {"enabled": False})
