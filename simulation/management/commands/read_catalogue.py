"""Read the shop's catalogue over HTTP."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from simulation.swarm import reading, work


class Command(BaseCommand):
    """Keep what the shop offers now; the true values on the simulator's page follow from it."""

    help = "Read the running shop's lists and menus, for the true values of the metrics."

    def handle(self, *args: Any, **options: Any) -> None:
        catalogue = reading.refresh(reading.over_http(work.shop()))
        self.stdout.write(f"{len(catalogue.menus)} restaurants can be ordered from now.")
