"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationConfig(AppConfig):
    """People whose true behaviour is known."""

    name = "simulation"
    verbose_name = _("Simulation")
