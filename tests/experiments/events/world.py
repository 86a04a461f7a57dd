"""What the tests against the real servers need there: a catalogue, a running experiment, and programs with keys."""

from __future__ import annotations

import sys

from django.db import transaction

from experiments.designs.composition import Composition, compose, launch_experiment
from experiments.installation import install_catalogue
from novarium.portal import connections
from novarium.portal.connections import Settings
from novarium.portal.models import Connection, Membership, Team, User
from novarium.portal.models.connection import MOST_PER_MINUTE
from novarium.portal.roles import Role

PROGRAMS = 3


@transaction.atomic
def install() -> None:
    """Fill the database and print each program's secret."""
    team = Team.objects.create(key="novaeats", name="NovaEats", requires_review=False)
    install_catalogue(team=team)
    for number in range(PROGRAMS):
        user = User.objects.create_user(username=f"program-{number}")
        Membership.objects.create(user=user, team=team, role=Role.LEAD.value)
        settings = Settings(name=f"program {number}", per_minute=MOST_PER_MINUTE, logs_exposures=False)
        kind, scopes = Connection.Kind.SERVER, ["ingest", "evaluate"]
        _connection, secret = connections.create(team=team, kind=kind, scopes=scopes, settings=settings, actor=user)
        sys.stdout.write(f"secret {secret}\n")
    compose(
        Composition(
            key="red-button",
            name="A red button",
            feature="checkout-button",
            who="Everybody",
            what="A red button",
            why="It is seen sooner",
            expected_impact="CVR +5%",
            oec="cvr",
            baseline=0.05,
            mde=0.1,
            planned_units=1000,
            planned_days=7,
            changes={"Red": {"color": "red"}},
        ),
        owner=user,
    )
    launch_experiment("red-button", actor=user)
