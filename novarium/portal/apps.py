"""The portal's app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Accounts, teams and what every page shares."""

    name = "novarium.portal"
    label = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Put the overview into the navigation and the portal's panels on it."""
        from novarium import celery as celery  # noqa: PLC0414, PLC0415 - tasks are sent by our application
        from novarium.portal import navigation, overview  # noqa: PLC0415 - the models are loaded now

        navigation.register(navigation.Place(_("Overview"), "portal:overview", "overview", 10))
        overview.register_panels()
