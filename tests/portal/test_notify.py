"""Telling people: once, in their language, as they chose, in the caller's transaction."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy

from novarium.portal.models import Delivery, MailChoice, Notification
from novarium.portal.notify import announce, mailed_kinds, notify

pytestmark = pytest.mark.django_db


@pytest.fixture
def mails(settings):
    settings.SENDS_EMAIL = True


@pytest.fixture
def slack(settings, team):
    settings.SLACK_WEBHOOKS = {team.key: "https://hooks.example/secret"}


def test_people_are_told_once_each_and_switched_off_accounts_not_at_all(analyst, lead, viewer):
    viewer.is_active = False
    viewer.save()
    notify([analyst, lead, analyst, viewer], text="Launched", url="/x/", kind="launch")
    assert sorted(row.user.username for row in Notification.objects.all()) == ["analyst", "lead"]


def test_a_key_is_told_to_a_person_once_and_still_to_another(analyst, lead, mails):
    notify([analyst], text="Mentioned", url="/x/", kind="mention", key="comment-1")
    notify([analyst, lead], text="Mentioned again", url="/x/", kind="mention", key="comment-1")
    told = Notification.objects.order_by("id").values_list("user__username", "text")
    assert list(told) == [("analyst", "Mentioned"), ("lead", "Mentioned again")]
    assert Delivery.objects.count() == 2


def test_without_a_key_the_same_is_told_again(analyst):
    for _time in range(2):
        notify([analyst], text="Same", url="/x/", kind="comment")
    assert Notification.objects.count() == 2


def test_the_database_itself_refuses_a_key_twice(analyst):
    Notification.objects.create(user=analyst, text="One", key="k")
    with pytest.raises(IntegrityError, match="notification_key_once"):
        Notification.objects.create(user=analyst, text="Two", key="k")


def test_what_is_rolled_back_was_never_told(analyst, mails):
    with transaction.atomic():
        notify([analyst], text="Launched", url="/x/", kind="mention")
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("_compiled_catalogue")
def test_lazy_text_is_written_in_the_language_of_whoever_gets_it(analyst, lead):
    lead.language = "ko"
    lead.save()
    notify([analyst, lead], text=gettext_lazy("Launched"), url="/x/", kind="launch")
    texts = dict(Notification.objects.values_list("user__username", "text"))
    assert texts["analyst"] == "Launched"
    assert texts["lead"] != "Launched"


def test_a_long_text_is_cut_and_not_refused(analyst):
    notify([analyst], text="x" * 400, url="/x/", kind="other")
    assert len(Notification.objects.get().text) == 300


def test_mail_goes_for_the_kinds_a_person_chose(analyst, lead, mails):
    MailChoice.objects.create(user=analyst, kinds=["launch"])
    for kind in ("launch", "mention"):
        notify([analyst, lead], text=kind, url="/x/", kind=kind)
    mailed = Delivery.objects.values_list("user__username", "kind")
    assert sorted(mailed) == [("analyst", "launch"), ("lead", "mention")]
    assert mailed_kinds(analyst) == ["launch"]


def test_nothing_is_mailed_where_no_server_is_set_or_no_address_is_known(analyst, lead, settings):
    notify([analyst], text="x", url="/x/", kind="mention")
    settings.SENDS_EMAIL = True
    lead.email = ""
    notify([lead], text="x", url="/x/", kind="mention")
    assert Notification.objects.count() == 2
    assert not Delivery.objects.exists()


def test_a_team_is_told_once_by_key_and_never_what_is_for_one_person(team, other_team, slack):
    for _time in range(2):
        announce(team, text="Launched", url="/x/", kind="launch", key="run-1")
    announce(team, text="You", url="/x/", kind="mention")
    announce(other_team, text="Launched", url="/x/", kind="launch")
    assert list(Delivery.objects.values_list("channel", "team__key", "text")) == [("slack", "novaeats", "Launched")]


def test_a_broker_that_is_away_delays_and_breaks_nothing(analyst, mails, settings, django_capture_on_commit_callbacks):
    from novarium.celery import app  # noqa: PLC0415 - its address is changed for this test

    before, app.conf.broker_url = app.conf.broker_url, "redis://127.0.0.1:9/0"
    app.pool.force_close_all()
    try:
        with django_capture_on_commit_callbacks(execute=True):
            notify([analyst], text="x", url="/x/", kind="mention")
    finally:
        app.conf.broker_url = before
    assert Delivery.objects.get().status == "pending"
