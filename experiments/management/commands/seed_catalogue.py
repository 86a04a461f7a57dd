"""Install the shop's features and the metrics."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from experiments.installation import install_catalogue
from novarium.portal.models import Team


class Command(BaseCommand):
    """Create the team NovaEats, the eight features and the metrics where they are missing."""

    help = "Install the shop's features and the metrics; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        team, _created = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats Growth"})
        install_catalogue(team=team)
        self.stdout.write("Features and metrics are installed.")
