"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Marts, statistics, results, decisions, archive."""

    name = "analytics"
    verbose_name = _("Analytics")
