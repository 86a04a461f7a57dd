"""Teams and their members."""

from __future__ import annotations

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from novarium.portal.access import allow, person
from novarium.portal.models import AuditEntry, Membership, Team
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the teams with their sizes and the person's role in each."""
    teams = Team.objects.annotate(size=Count("memberships")).order_by("name")
    own = dict(Membership.objects.filter(user=person(request)).values_list("team_id", "role"))
    labels = dict(Membership.TeamRole.choices)
    rows = [{"team": team, "role": labels.get(own.get(team.pk, ""), "")} for team in teams]
    return render(request, "portal/teams.html", {"rows": rows})


@require_safe
@allow(Action.READ)
def detail(request: HttpRequest, team: str) -> HttpResponse:
    """Show who is what in a team and what was changed last in it."""
    members = Prefetch("memberships", Membership.objects.select_related("user").order_by("role", "user__username"))
    shown = get_object_or_404(Team.objects.prefetch_related(members), key=team)
    changes = AuditEntry.objects.filter(team=shown).select_related("actor")[:10]
    return render(request, "portal/team.html", {"team": shown, "changes": changes})
