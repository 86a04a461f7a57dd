"""The Django admin: for platform admins only, entered through the portal's own login."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from novarium.kernel.errors import Forbidden


class NovariumAdminSite(AdminSite):
    """The admin site; its pages are closed to everybody but admins."""

    site_header = gettext_lazy("NovaRium administration")
    site_title = "NovaRium"
    index_title = gettext_lazy("Administration")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in active staff who are superusers, the role the table of roles calls admin."""
        user = request.user
        return bool(user.is_active and user.is_staff and user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the portal's throttled login and refuse people who are logged in without the role."""
        if request.user.is_authenticated:
            raise Forbidden(_("The administration is for administrators only."))
        return redirect_to_login(request.GET.get("next", request.path))
