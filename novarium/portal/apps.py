"""The portal's app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Accounts, teams and what every page shares."""

    name = "novarium.portal"
    label = "portal"
    verbose_name = _("Portal")
