"""What the tests against the real servers need there: a catalogue, a running experiment, and programs with keys."""

from __future__ import annotations

import sys
from datetime import timedelta

from django.db import transaction

from experiments.composition import Composition, compose, launch_experiment
from experiments.installation import install_catalogue
from novarium.portal.models import Membership, Team, User
from novarium.portal.roles import Role
from novarium.portal.tokens import create_token

PROGRAMS = 3


@transaction.atomic
def install() -> None:
    """Fill the database and print each program's secret."""
    team = Team.objects.create(key="novaeats", name="NovaEats", requires_review=False)
    install_catalogue(team=team)
    for number in range(PROGRAMS):
        user = User.objects.create_user(username=f"program-{number}")
        Membership.objects.create(user=user, team=team, role=Role.ANALYST.value)
        _token, secret = create_token(
            user=user, name="storm", scopes=["ingest", "evaluate"], lifetime=timedelta(days=1)
        )
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
