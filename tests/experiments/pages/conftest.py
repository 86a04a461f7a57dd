"""Logged-in people, and the forms as a browser would send them."""

from __future__ import annotations

import pytest
from django.test import Client

from experiments.models import Experiment


def _logged_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def as_viewer(viewer):
    return _logged_in(viewer)


@pytest.fixture
def as_analyst(analyst):
    return _logged_in(analyst)


@pytest.fixture
def as_lead(lead):
    return _logged_in(lead)


@pytest.fixture
def as_admin(admin):
    return _logged_in(admin)


@pytest.fixture
def as_stranger(stranger):
    return _logged_in(stranger)


@pytest.fixture
def as_other_lead(other_lead):
    return _logged_in(other_lead)


def form_data(html_form) -> dict[str, object]:
    """Return what a browser would send for a Django form as it is shown."""
    data = {}
    for bound in html_form:
        value = bound.value()
        if isinstance(value, bool):
            if value:
                data[bound.html_name] = "on"
        elif value is not None:
            data[bound.html_name] = value
    return data


@pytest.fixture
def hypothesis_data(draft):
    """The first step of the draft as its page shows it."""
    return {
        "name": draft.name,
        "feature": draft.feature_id,
        "who": draft.who,
        "what": draft.what,
        "why": draft.why,
        "expected_impact": draft.expected_impact,
        "oec": draft.oec_id,
        "guardrails-TOTAL_FORMS": 3,
        "guardrails-INITIAL_FORMS": 1,
        "guardrails-0-metric": draft.guardrails.get().metric_id,
        "guardrails-0-margin": "5",
    }


@pytest.fixture
def variants_data(draft):
    """The second step of the draft as its page shows it."""
    data = {"count": 2}
    for index, arm in enumerate(draft.variants.order_by("position")):
        data |= {f"v{index}-key": arm.key, f"v{index}-name": arm.name, f"v{index}-weight": str(arm.weight)}
        data |= {f"v{index}-p_{name}": value for name, value in arm.value.items()}
    return data


@pytest.fixture
def plan_data():
    """A third step as an analyst may type it."""
    return {"baseline": "30", "daily_units": "500", "mde": "5", "alpha": "5", "power": "80", "coverage": "100"}


def state_of(experiment: Experiment) -> tuple[object, ...]:
    """Return all that a refused change must leave alone."""
    row = Experiment.objects.filter(pk=experiment.pk).values().get()
    arms = list(experiment.variants.order_by("position").values())
    return row, arms, list(experiment.guardrails.order_by("metric").values())
