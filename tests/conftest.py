"""People with a permission story, and an installed catalogue."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.utils import translation

from experiments.assignment import definitions
from experiments.assignment.memberships import Memberships
from experiments.designs import drafting
from experiments.events import event_catalogue
from experiments.installation import install_catalogue
from experiments.models import Experiment, Feature, Metric
from experiments.running import lifecycle
from novarium.portal.models import Membership, Team, User
from novarium.portal.roles import Role
from storefront import page
from storefront.catalogue import loading


def pytest_collection_modifyitems(items):
    """Every test that uses the database may use both aliases: the shop's mirrors the default one."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
            kwargs = {**(marker.kwargs if marker else {}), "databases": ["default", "shop"]}
            if "transactional_db" in getattr(item, "fixturenames", ()):
                kwargs["transaction"] = True
            item.add_marker(pytest.mark.django_db(**kwargs), append=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Provision the roles; in the test's own thread the shop's alias shares the test's transaction."""
    with django_db_blocker.unblock():
        call_command("provision")
    connections["shop"] = connections["default"]


@pytest.fixture(autouse=True)
def _fresh_process_memory(request):
    """Nothing held in process memory or Valkey outlives a test that uses the database."""
    for module in (definitions, event_catalogue, loading, page):
        module.forget()
    definitions._memberships = Memberships()
    ContentType.objects.clear_cache()
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        cache.clear()
    with translation.override(settings.LANGUAGE_CODE):
        yield
    for module in (definitions, event_catalogue, loading, page):
        module.forget()


@pytest.fixture
def team(db):
    return Team.objects.create(key="novaeats", name="NovaEats Growth", requires_review=False)


@pytest.fixture
def other_team(db):
    return Team.objects.create(key="riders", name="Riders", requires_review=False)


def _person(name: str, team: Team | None, role: Role | None) -> User:
    user = User.objects.create_user(username=name, password="correct horse battery", email=f"{name}@example.com")
    if team and role:
        Membership.objects.create(user=user, team=team, role=role.value)
    return user


@pytest.fixture
def viewer(team):
    return _person("viewer", team, Role.VIEWER)


@pytest.fixture
def analyst(team):
    return _person("analyst", team, Role.ANALYST)


@pytest.fixture
def lead(team):
    return _person("lead", team, Role.LEAD)


@pytest.fixture
def admin(db):
    return User.objects.create_superuser(username="admin", password="correct horse battery", email="admin@example.com")


@pytest.fixture
def stranger(db):
    """Logged in, but in no team."""
    return _person("stranger", None, None)


@pytest.fixture
def other_lead(other_team):
    """A lead of another team."""
    return _person("other_lead", other_team, Role.LEAD)


@pytest.fixture
def catalogue(team):
    """The shop's features and metrics."""
    install_catalogue(team=team)


@pytest.fixture
def draft(catalogue, team, analyst):
    """A complete draft on the hero banner with one guardrail, ready to launch."""
    feature = Feature.objects.get(key="home-hero-banner")
    experiment = Experiment.objects.create(
        key="hero-discount",
        name="Hero discount",
        team=team,
        owner=analyst,
        feature=feature,
        who="New visitors",
        what="A discount in the banner",
        why="Price is what stops them",
        expected_impact="CTR +5%",
        oec=Metric.objects.get(key="ctr"),
        baseline=0.3,
        planned_units=2000,
        planned_days=7,
        seed="hero-discount:fixed",
    )
    control = drafting.current_value(feature)
    treatment = {**control, "title": "오늘만 20% 할인", "discount_percent": 20}
    drafting.set_variants(
        experiment,
        [
            drafting.VariantInput(key="control", name="Control", weight=Decimal(50), value=control),
            drafting.VariantInput(key="discount", name="Discount", weight=Decimal(50), value=treatment),
        ],
        actor=analyst,
    )
    drafting.set_guardrails(experiment, {Metric.objects.get(key="aov").pk: 0.05}, actor=analyst)
    return experiment


@pytest.fixture
def running(draft, analyst):
    """The draft, launched."""
    lifecycle.launch(draft, actor=analyst)
    draft.refresh_from_db()
    return draft
