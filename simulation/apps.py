"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationConfig(AppConfig):
    """People whose true behaviour is known."""

    name = "simulation"
    verbose_name = _("Simulation")

    def ready(self) -> None:
        """Put the simulator into the navigation."""
        from novarium.portal import navigation  # noqa: PLC0415 - the registry of models is ready only now

        navigation.register(navigation.Place(_("Simulator"), "simulator:page", "simulator", 70, {"simulator"}))
