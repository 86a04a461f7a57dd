"""Install the shop's catalogue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from storefront.catalogue.seed import install


class Command(BaseCommand):
    """Add what is missing of the catalogue; safe to repeat."""

    help = "Install NovaEats' categories, restaurants and dishes."

    def handle(self, *args: Any, **options: Any) -> None:
        restaurants, dishes = install()
        self.stdout.write(f"NovaEats sells {dishes} dishes of {restaurants} restaurants.")
