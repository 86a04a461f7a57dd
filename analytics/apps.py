"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Marts, statistics, results, decisions, archive."""

    name = "analytics"
    verbose_name = _("Analytics")

    def ready(self) -> None:
        """Give the builder its planner."""
        from analytics.planning import StatisticsPlanner  # noqa: PLC0415 - numpy is loaded when apps are ready
        from experiments import planning_hooks  # noqa: PLC0415

        planning_hooks.register(StatisticsPlanner())
