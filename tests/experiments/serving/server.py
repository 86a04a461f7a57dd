"""Prepares a real server for the tests, in its own process, and prints two keys."""

import secrets
import sys
from decimal import Decimal

from experiments.designs import drafting
from experiments.installation import install_catalogue
from experiments.models import Experiment, Feature, Metric
from experiments.running import lifecycle
from novarium.portal import connections
from novarium.portal.models import Team, User


def prepare() -> None:
    """Install the catalogue, make a connection of each kind, and launch an experiment."""
    team, _made = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats", "requires_review": False})
    boss = User.objects.create_superuser(username="boss", password="correct horse battery", email="boss@example.com")
    install_catalogue(team=team)
    for logs in (False, True):
        settings = connections.Settings(name=secrets.token_hex(4), per_minute=600_000, logs_exposures=logs)
        made, key = connections.create(
            team=team, kind="server", scopes=["evaluate", "ingest"], settings=settings, actor=boss
        )
        sys.stdout.write(f"KEY {made.pk} {key}\n")
    hero = Feature.objects.get(key="home-hero-banner")
    experiment = Experiment.objects.create(
        key="hero-discount",
        name="Hero discount",
        team=team,
        owner=boss,
        feature=hero,
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
    control = drafting.current_value(hero)
    drafting.set_variants(
        experiment,
        [
            drafting.VariantInput(key="control", name="Control", weight=Decimal(50), value=control),
            drafting.VariantInput(
                key="discount", name="Discount", weight=Decimal(50), value={**control, "discount_percent": 20}
            ),
        ],
        actor=boss,
    )
    drafting.set_guardrails(experiment, {Metric.objects.get(key="aov").pk: 0.05}, actor=boss)
    lifecycle.launch(experiment, actor=boss)
