"""The Celery application: workers run the swarm and build the marts."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novarium.settings")

app = Celery("novarium")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
