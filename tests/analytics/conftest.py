"""A running experiment with visitors in it, and the CRM rules that there are from the beginning."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from analytics.models import CrmRule
from experiments.models import Experiment, Metric, Run
from experiments.running import lifecycle
from tests.analytics.traffic import store, visitors


@pytest.fixture
def first_rules(db):
    """The rules that an installation begins with; a test that empties all tables takes them along."""
    if not CrmRule.objects.exists():
        with connection.cursor() as cursor:
            cursor.execute(import_module("analytics.migrations.0006_marts_of_datasets").RULES)


@pytest.fixture
def started(draft, analyst):
    """The draft, launched five days ago; returns its run."""
    lifecycle.launch(draft, actor=analyst, now=timezone.now() - timedelta(days=5))
    draft.refresh_from_db()
    return Run.objects.get(experiment=draft)


@pytest.fixture
def winner(started):
    """The visitors of a run whose treatment is clearly better, none of its guardrails harmed."""
    units = visitors(
        started,
        per_variant={"control": 1010, "discount": 1000},
        click_rate={"control": 0.3, "discount": 0.42},
        order_rate={"control": 0.2, "discount": 0.25},
        spend={"control": 20000, "discount": 20400},
        step=timedelta(minutes=6),
    )
    store(started, units)
    return units


@pytest.fixture
def started_with_revenue(draft, analyst):
    """The same design with revenue per visitor as its OEC, launched."""
    Experiment.objects.filter(pk=draft.pk).update(oec=Metric.objects.get(key="arpu"))
    draft.refresh_from_db()
    lifecycle.launch(draft, actor=analyst, now=timezone.now() - timedelta(days=5))
    return Run.objects.get(experiment=draft)


@pytest.fixture
def winner_of_revenue(started_with_revenue):
    """Visitors who spend more in the treatment."""
    units = visitors(
        started_with_revenue,
        per_variant={"control": 400, "discount": 420},
        click_rate={"control": 0.3, "discount": 0.3},
        order_rate={"control": 0.2, "discount": 0.3},
        spend={"control": 20000, "discount": 26000},
    )
    store(started_with_revenue, units)
    return units
