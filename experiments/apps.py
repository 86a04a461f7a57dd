"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperimentsConfig(AppConfig):
    """Features, experiments, assignment and event intake."""

    name = "experiments"
    verbose_name = _("Experiments")
