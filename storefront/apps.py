"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StorefrontConfig(AppConfig):
    """The simulated shop."""

    name = "storefront"
    verbose_name = _("NovaEats")
