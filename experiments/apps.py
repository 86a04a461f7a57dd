"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperimentsConfig(AppConfig):
    """Features, experiments, assignment and event intake."""

    name = "experiments"
    verbose_name = _("Experiments")

    def ready(self) -> None:
        """Put the pages into the navigation, and have every process renew its grants as it does its definitions."""
        # the registry of models is ready only now
        from experiments.assignment import definition_watch, definitions  # noqa: PLC0415
        from experiments.panels import running  # noqa: PLC0415
        from novarium.portal import grants_store, navigation, panels  # noqa: PLC0415
        from novarium.portal.views import health  # noqa: PLC0415

        for place in (
            navigation.Place(_("Experiments"), "experiments:list", "experiments", 20, {"experiments", "results"}),
            navigation.Place(_("Features"), "features:list", "features", 30, {"features"}),
            navigation.Place(_("Metrics"), "metrics:list", "metrics", 40, {"metrics"}),
            navigation.Place(_("Events"), "events:list", "events", 45, {"events"}),
        ):
            navigation.register(place)
        panels.register(panels.Panel("experiments", "experiments/panels/running.html", running, position=20))
        grants_store.on_change(definitions.changed)
        health.register("definitions", definition_watch.readiness)
