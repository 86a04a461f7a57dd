"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Marts, statistics, results, decisions, archive."""

    name = "analytics"
    verbose_name = _("Analytics")

    def ready(self) -> None:
        """Put the Data Lab and the archive into the navigation, and the latest decisions on the overview."""
        # the registry of models is ready only now
        from analytics import panels as own  # noqa: PLC0415
        from novarium.portal import navigation, panels  # noqa: PLC0415

        navigation.register(navigation.Place(_("Data Lab"), "data:daily", "data", 60, frozenset({"data"})))
        navigation.register(navigation.Place(_("Archive"), "archive:list", "archive", 90, frozenset({"archive"})))
        panels.register(panels.Panel("shop", "analytics/panels/shop.html", own.shop, position=40))
        panels.register(panels.Panel("decisions", "analytics/panels/decisions.html", own.decisions, position=60))
