"""Messages to the person."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from novarium.portal.access import person, personal
from novarium.portal.models import Notification

PAGE_SIZE = 50


@require_safe
@personal
def index(request: HttpRequest) -> HttpResponse:
    """List the person's notifications, newest first."""
    page = Paginator(Notification.objects.filter(user=person(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/notifications.html", {"page": page})


@require_POST
@personal
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    Notification.objects.filter(user=person(request), read_at=None).update(read_at=timezone.now())
    return redirect("portal:notifications")


@require_POST
@personal
def open_one(request: HttpRequest, notification: int) -> HttpResponse:
    """Mark one as read and go where it points."""
    found = get_object_or_404(Notification, pk=notification, user=person(request))
    Notification.objects.filter(pk=found.pk, read_at=None).update(read_at=timezone.now())
    if found.url and url_has_allowed_host_and_scheme(found.url, allowed_hosts=None):
        return HttpResponseRedirect(found.url)
    return redirect("portal:notifications")
