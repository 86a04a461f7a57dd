"""The admin's app configuration; apart from the site because it is imported before the models."""

from django.contrib.admin.apps import AdminConfig


class NovariumAdminConfig(AdminConfig):
    """Makes our site the one that ``admin.site`` means everywhere."""

    default_site = "novarium.portal.admin_site.NovariumAdminSite"
