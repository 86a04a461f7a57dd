"""Connections: the keys of a team's products, shown once, changed, rolled and revoked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from novarium.kernel.errors import Invalid
from novarium.portal import connections, snippets
from novarium.portal.access import allow, can, person, teams_for
from novarium.portal.connection_forms import ConnectionForm, SettingsForm
from novarium.portal.connections import get_connection
from novarium.portal.models import AuditEntry, Connection
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the connections, those in use first."""
    found = Connection.objects.select_related("team", "created_by").order_by("revoked_at", "team__name", "name")
    ordered = sorted(found, key=lambda item: item.state != "active")
    return render(
        request,
        "portal/connections/list.html",
        {"connections": ordered, "may_connect": can(request.user, Action.CONNECT)},
    )


@require_safe
@allow(Action.CONNECT)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new connection."""
    return _new_page(request, ConnectionForm(teams=teams_for(person(request), Action.CONNECT)))


@never_cache
@require_POST
@allow(Action.CONNECT)
def create(request: HttpRequest) -> HttpResponse:
    """Make a connection and show its key, this once."""
    form = ConnectionForm(request.POST, teams=teams_for(person(request), Action.CONNECT))
    if not form.is_valid():
        return _new_page(request, form, status=422)
    data = form.cleaned_data
    try:
        made, key = connections.create(
            team=data["team"],
            kind=data["kind"],
            scopes=data["scopes"],
            settings=form.settings(),
            actor=person(request),
        )
    except Invalid as error:
        form.take(error.fields)
        return _new_page(request, form, status=422)
    return _key_page(request, made, key)


@require_safe
@allow(Action.READ)
def detail(request: HttpRequest, connection: int) -> HttpResponse:
    """Show a connection, with the form to change it for those who may."""
    shown = get_connection(person(request), connection)
    initial = {"origins": "\n".join(shown.origins)}
    initial |= {name: getattr(shown, name) for name in ("name", "per_minute", "logs_exposures")}
    return _detail_page(request, shown, SettingsForm(initial=initial))


@require_POST
@allow(Action.CONNECT)
def change(request: HttpRequest, connection: int) -> HttpResponse:
    """Change name, origins, rate or exposure logging."""
    shown = get_connection(person(request), connection, Action.CONNECT)
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _detail_page(request, shown, form, status=422)
    try:
        connections.change(shown, form.settings(connection=shown), actor=person(request))
    except Invalid as error:
        form.take(error.fields)
        return _detail_page(request, shown, form, status=422)
    messages.success(request, _("The connection is changed. It counts within a second."))
    return redirect("portal:connections_detail", connection)


@never_cache
@require_POST
@allow(Action.CONNECT)
def roll(request: HttpRequest, connection: int) -> HttpResponse:
    """Give the connection another key and show it, this once."""
    shown = get_connection(person(request), connection, Action.CONNECT)
    rolled, key = connections.roll(shown, actor=person(request))
    return _key_page(request, rolled, key)


@require_POST
@allow(Action.CONNECT)
def revoke(request: HttpRequest, connection: int) -> HttpResponse:
    """End the connection."""
    shown = get_connection(person(request), connection, Action.CONNECT)
    connections.revoke(shown, actor=person(request))
    messages.success(request, _("The connection is revoked. Its key is refused within a second."))
    return redirect("portal:connections")


def _new_page(request: HttpRequest, form: ConnectionForm, *, status: int = 200) -> HttpResponse:
    return render(request, "portal/connections/new.html", {"form": form}, status=status)


def _detail_page(request: HttpRequest, shown: Connection, form: SettingsForm, *, status: int = 200) -> HttpResponse:
    may_connect = can(request.user, Action.CONNECT, shown.team_id) and not shown.revoked_at
    if shown.kind == Connection.Kind.SERVER:
        form.fields["origins"].disabled = True
    stem = connections.history_stem(shown)
    history = AuditEntry.objects.filter(object_type="connection", object_key__startswith=stem)
    context = {
        "connection": shown,
        "form": form,
        "may_connect": may_connect,
        "changes": history.select_related("actor")[:10],
        "snippets": snippets.of(shown, key=f"{shown.key_prefix}…", base_url=request.build_absolute_uri("/")),
    }
    return render(request, "portal/connections/detail.html", context, status=status)


def _key_page(request: HttpRequest, connection: Connection, key: str) -> HttpResponse:
    parts = snippets.of(connection, key=key, base_url=request.build_absolute_uri("/"))
    context = {"connection": connection, "key": key, "snippets": parts}
    return render(request, "portal/connections/key.html", context)
