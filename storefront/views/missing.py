"""Addresses below the shop that lead nowhere."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.translation import gettext as _

from novarium.kernel.errors import NotFound


@login_not_required
def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer 404 in the shop's style; an address that only lacks its last slash leads on."""
    if request.method in {"GET", "HEAD"} and rest and not rest.endswith("/"):
        with_slash = resolve(f"{request.path_info}/")
        if with_slash.func is not missing:
            query = request.META.get("QUERY_STRING", "")
            return redirect(f"{request.path}/{'?' if query else ''}{query}", permanent=True)
    raise NotFound(_("There is nothing at this address."))
