"""The app's configuration."""

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Marts, statistics, results, decisions, archive."""

    name = "analytics"
    verbose_name = _("Analytics")

    def ready(self) -> None:
        """Give the builder its planner and its tests, the navigation its places and the overview its panels."""
        from analytics import panels as own  # noqa: PLC0415 - models are ready only now
        from analytics.balance import HistoryBalance  # noqa: PLC0415
        from analytics.imports.received import ensure_received_dataset  # noqa: PLC0415
        from analytics.marts import gates  # noqa: PLC0415
        from analytics.metric_preview import EventPreviewer  # noqa: PLC0415
        from analytics.planning import StatisticsPlanner  # noqa: PLC0415
        from analytics.quality import running  # noqa: PLC0415
        from analytics.safety import ResultsGuard  # noqa: PLC0415
        from experiments.designs import balance_hooks  # noqa: PLC0415
        from experiments.metrics import metric_previews  # noqa: PLC0415
        from experiments.planning import planning_hooks  # noqa: PLC0415
        from experiments.running import safety_hooks  # noqa: PLC0415
        from novarium.portal import navigation, panels  # noqa: PLC0415

        for place in running.STAGE_AT:
            gates.register(place, partial(running.gate, place))
        post_migrate.connect(ensure_received_dataset, sender=self)
        planning_hooks.register(StatisticsPlanner())
        safety_hooks.register(ResultsGuard())
        balance_hooks.register(HistoryBalance())
        metric_previews.register(EventPreviewer())
        navigation.register(navigation.Place(_("Monitor"), "monitor:page", "monitor", 50, frozenset({"monitor"})))
        navigation.register(navigation.Place(_("Data Lab"), "data:daily", "data", 60, frozenset({"data"})))
        navigation.register(navigation.Place(_("Archive"), "archive:list", "archive", 90, frozenset({"archive"})))
        panels.register(panels.Panel("shop", "analytics/panels/shop.html", own.shop, position=40))
        panels.register(panels.Panel("quality", "analytics/panels/quality.html", own.quality, position=5))
        panels.register(panels.Panel("decisions", "analytics/panels/decisions.html", own.decisions, position=60))
