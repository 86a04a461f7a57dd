"""Old messages are forgotten; what still waits to be sent is not."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from novarium.celery import app
from novarium.portal.models import Delivery, Notification
from novarium.portal.notify import notify
from novarium.portal.tasks import forget_messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(settings, analyst):
    """Messages of 31 and of 29 days ago, each with an e-mail."""
    settings.SENDS_EMAIL, settings.KEEP_MESSAGES_DAYS = True, 30
    for text, days in (("old", 31), ("young", 29)):
        notify([analyst], text=text, url="/x/", kind="mention")
        at = timezone.now() - timedelta(days=days)
        Notification.objects.filter(text=text).update(created_at=at)
        Delivery.objects.filter(text=text).update(created_at=at)


def test_messages_are_forgotten_when_their_days_are_over(told):
    Delivery.objects.update(status=Delivery.Status.SENT, sent_at=timezone.now())
    assert forget_messages() == 2
    assert forget_messages() == 0
    assert list(Notification.objects.values_list("text", flat=True)) == ["young"]
    assert list(Delivery.objects.values_list("text", flat=True)) == ["young"]


def test_a_message_that_still_waits_is_kept_however_old(told):
    forget_messages()
    assert Delivery.objects.filter(text="old", status=Delivery.Status.PENDING).exists()


def test_the_forgetting_is_scheduled():
    import_module("novarium.portal.migrations.0006_forget_messages").schedule(
        apps, None
    )  # a flush empties the schedule
    app.loader.import_default_modules()
    assert PeriodicTask.objects.get(name="Forget old messages").task in app.tasks
