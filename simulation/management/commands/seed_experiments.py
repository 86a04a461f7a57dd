"""Make the demo's experiments and start its traffic."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from novarium.portal.models import User
from simulation import demo
from simulation.personas import DEFAULT_MIX
from simulation.swarm import traffic

VISITORS_PER_MINUTE = 12


class Command(BaseCommand):
    """Make what is missing of one rejected, one adopted and one running experiment."""

    help = "Make the demo's experiments; safe to repeat. Needs the demo's people and the shop's catalogue."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            people = demo.People(analyst=User.objects.get(username="analyst"), lead=User.objects.get(username="lead"))
        except User.DoesNotExist as error:
            raise CommandError("The demo's people are missing: run manage.py seed --demo.") from error
        with transaction.atomic():
            told = demo.tell(people=people)
            if told:
                traffic.change(enabled=True, visitors_per_minute=VISITORS_PER_MINUTE, mix=DEFAULT_MIX, actor=None)
        for sentence in told:
            self.stdout.write(sentence)
