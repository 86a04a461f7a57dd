"""Messages on their way out: claimed by one, sent once, tried again, given up on in sight of the administrators."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from novarium.portal import delivery, mail, slack
from novarium.portal.delivery import NotDeliveredError
from novarium.portal.models import Delivery, Notification, SlackPace
from novarium.portal.notify import announce, notify
from tests.fakes.smtp import MailServer
from tests.fakes.webhook import Webhook

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        settings.SENDS_EMAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 10
        settings.PORTAL_URL = "https://lab.example"
        yield server


@pytest.fixture
def hook(settings, team):
    with Webhook() as server:
        settings.SLACK_WEBHOOKS = {team.key: server.url}
        settings.PORTAL_URL = "https://lab.example"
        yield server


def mailed(person, text="Please review"):
    notify([person], text=text, url="/experiments/hero/", kind="review")
    return Delivery.objects.filter(user=person).latest("created_at")


def announced(team, *texts):
    for text in texts:
        announce(team, text=text, url="/experiments/hero/", kind="launch")
    return list(Delivery.objects.order_by("created_at"))


def send(row, now=None):
    done = delivery.deliver(row.pk, mail.send, now=now)
    row.refresh_from_db()
    return done


# E-mail -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_reaches_the_person_in_their_language_with_a_link(analyst, mail_server):
    analyst.language = "ko"
    analyst.save()
    row = mailed(analyst, "승인해 주세요\r\nBcc: everybody@example.com")
    assert send(row)
    (message,) = mail_server.received
    assert mail_server.recipients == [["analyst@example.com"]]
    assert message["Subject"].strip() == "승인해 주세요 Bcc: everybody@example.com", "a line break begins no header"
    assert "https://lab.example/experiments/hero/" in message.get_content()
    assert (row.status, row.attempts) == ("sent", 1)


@pytest.mark.django_db
def test_a_sent_mail_is_not_sent_again(analyst, mail_server):
    row = mailed(analyst)
    assert send(row)
    assert not send(row, timezone.now() + timedelta(days=1))
    assert len(mail_server.received) == 1


@pytest.mark.django_db
def test_a_refusal_for_now_is_tried_again_later_and_each_time_waits_longer(analyst, mail_server):
    mail_server.refusal = "451 try later"
    row, now, waits = mailed(analyst), timezone.now(), []
    for _attempt in range(3):
        assert not send(row, now)
        waits.append((row.due_at - now).total_seconds())
        now = row.due_at
    assert waits == [30, 60, 120]
    assert "451" in row.last_error
    mail_server.refusal = ""
    assert send(row, now)
    assert (row.status, row.last_error) == ("sent", "")


@pytest.mark.django_db
def test_a_refusal_for_good_fails_at_once_and_the_administrators_see_it_once(analyst, lead, admin, mail_server):
    mail_server.refusal = "550 no such person"
    for person in (analyst, lead):
        assert not send(mailed(person))
    assert set(Delivery.objects.values_list("status", "attempts")) == {("failed", 1)}
    alarm = Notification.objects.get(user=admin)
    assert "E-mail" in alarm.text
    assert alarm.url == "/admin/portal/delivery/?status__exact=failed"


@pytest.mark.django_db
def test_a_server_that_stays_away_fails_after_the_last_attempt_and_can_be_tried_again(analyst, admin, settings):
    settings.SENDS_EMAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    row, now = mailed(analyst), timezone.now()
    for _attempt in range(delivery.MAX_ATTEMPTS):
        assert row.status == "pending"
        send(row, now)
        now = row.due_at
    assert (row.status, row.attempts) == ("failed", delivery.MAX_ATTEMPTS)
    assert delivery.try_again(Delivery.objects.all(), now=now) == 1
    with MailServer() as server:
        settings.EMAIL_PORT = server.port
        assert send(row, now)
        assert len(server.received) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_once(analyst, mail_server, transactional_db):
    for number in range(10):
        mailed(analyst, f"Message {number}")
    ids = list(Delivery.objects.values_list("pk", flat=True))
    start = threading.Barrier(4)

    def work():
        start.wait()
        for pk in ids:
            delivery.deliver(pk, mail.send)
        connections.close_all()

    crew = [threading.Thread(target=work) for _ in range(4)]
    for worker in crew:
        worker.start()
    for worker in crew:
        worker.join()
    assert sorted(message["Subject"] for message in mail_server.received) == [f"Message {n}" for n in range(10)]
    assert set(Delivery.objects.values_list("status", "attempts")) == {("sent", 1)}


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_had_claimed_is_sent_after_its_lease(analyst, mail_server, transactional_db):
    row = mailed(analyst)
    mail_server.silent.set()
    worker = os.fork()
    if worker == 0:  # the worker: waits for the server's answer until it is killed
        for each in connections.all():
            each.connection = None  # the parent's socket is not ours to close
        delivery.deliver(row.pk, mail.send)
        os._exit(0)
    try:
        assert mail_server.reached.wait(20), "the worker had sent the text"
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    mail_server.silent.clear()
    now = timezone.now()
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("pending", 1)
    assert not send(row, now), "the lease keeps others away"
    assert send(row, now + delivery.LEASE)
    assert len(mail_server.received) == 1
    assert (row.status, row.attempts) == ("sent", 2)


# Slack --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_slack_gets_a_text_with_a_link_and_nothing_in_it_is_markup(team, hook):
    announced(team, "<!channel> A&B launched")
    assert slack.post_next(team.pk) is None
    (body,) = hook.bodies
    assert body["text"] == "&lt;!channel&gt; A&amp;B launched https://lab.example/experiments/hero/"
    assert "<https://lab.example/experiments/hero/|Open>" in body["blocks"][0]["text"]["text"]
    assert Delivery.objects.get().status == "sent"


@pytest.mark.django_db
def test_slack_gets_one_message_a_second_in_order(team, hook):
    announced(team, "One", "Two", "Three")
    now = timezone.now()
    assert slack.post_next(team.pk, now=now) == 1
    assert slack.post_next(team.pk, now=now + timedelta(seconds=0.4)) == pytest.approx(0.6)
    assert len(hook.bodies) == 1
    assert slack.post_next(team.pk, now=now + timedelta(seconds=1)) == 1
    assert slack.post_next(team.pk, now=now + timedelta(seconds=2)) is None
    assert [text.split()[0] for text in hook.texts] == ["One", "Two", "Three"]


@pytest.mark.django_db
def test_after_429_nothing_is_posted_before_slack_allows_it_and_no_attempt_is_lost(team, hook):
    announced(team, "One", "Two")
    hook.answers = [(429, {"Retry-After": "30"}, "slow down")]
    now = timezone.now()
    slack.post_next(team.pk, now=now)
    assert len(hook.bodies) == 1
    for seconds in (1, 15, 29):
        assert slack.post_next(team.pk, now=now + timedelta(seconds=seconds)) == pytest.approx(30 - seconds, abs=1)
    assert len(hook.bodies) == 1
    later = now + timedelta(seconds=32)
    slack.post_next(team.pk, now=later)
    slack.post_next(team.pk, now=later + timedelta(seconds=1))
    assert [text.split()[0] for text in hook.texts] == ["One", "One", "Two"]
    assert set(Delivery.objects.values_list("status", "attempts")) == {("sent", 1)}


@pytest.mark.parametrize("retry_after", ["soon", "nan", "-5", "1e400", "99999999"])
@pytest.mark.django_db
def test_a_retry_after_that_makes_no_sense_breaks_nothing(team, hook, retry_after):
    (row,) = announced(team, "One")
    hook.answers = [(429, {"Retry-After": retry_after}, "")]
    slack.post_next(team.pk)
    row.refresh_from_db()
    assert row.status == "pending"
    assert row.due_at <= timezone.now() + timedelta(hours=1)


@pytest.mark.django_db
def test_a_webhook_that_is_gone_fails_at_once_and_its_address_is_written_nowhere(team, admin, hook, caplog):
    (row,) = announced(team, "One")
    hook.answers = [(404, {}, "no_service")]
    slack.post_next(team.pk)
    row.refresh_from_db()
    assert (row.status, row.last_error) == ("failed", "Slack answered 404: no_service")
    assert "secret" not in caplog.text
    assert "secret" not in str(list(SlackPace.objects.values_list())) + str(row.__dict__)
    assert Notification.objects.filter(user=admin, text__contains="Slack").count() == 1


@pytest.mark.django_db
def test_an_error_of_slack_or_no_answer_is_tried_again(team, hook, settings):
    (row,) = announced(team, "One")
    now = timezone.now()
    hook.answers = [(503, {}, "down")]
    slack.post_next(team.pk, now=now)
    row.refresh_from_db()
    assert (row.status, row.last_error) == ("pending", "Slack answered 503: down")
    settings.SLACK_WEBHOOKS = {team.key: "http://127.0.0.1:9/secret"}
    slack.post_next(team.pk, now=row.due_at)
    row.refresh_from_db()
    assert row.last_error == "ConnectError at 127.0.0.1"
    settings.SLACK_WEBHOOKS = {team.key: hook.url}
    slack.post_next(team.pk, now=row.due_at)
    row.refresh_from_db()
    assert row.status == "sent"


@pytest.mark.django_db
def test_a_claim_that_was_taken_over_writes_nothing_down(analyst, mail_server):
    row, now = mailed(analyst), timezone.now()

    def lose_it(claimed):
        assert send(row, now + delivery.LEASE), "somebody else takes over after the lease"
        raise NotDeliveredError("too late")

    assert not delivery.deliver(row.pk, lose_it, now=now)
    row.refresh_from_db()
    assert (row.status, row.last_error) == ("sent", "")
