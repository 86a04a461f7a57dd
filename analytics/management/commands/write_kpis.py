"""Write the definitions of the KPIs into docs/kpis.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from analytics.marts.kpi_document import document, path


class Command(BaseCommand):
    """Keep the document as the definitions are."""

    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        path().write_text(document(), encoding="utf-8")
        self.stdout.write(f"{path()} is written.")
