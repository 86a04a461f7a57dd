"""Parts of pages about one experiment; other apps' templates load them by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from experiments.collaboration.plain_text import Piece, pieces
from experiments.collaboration.watching import is_watching
from experiments.models import Experiment
from experiments.page_parts import extra_panels, tabs_of
from novarium.portal.access import can
from novarium.portal.roles import Action

register = template.Library()


@register.inclusion_tag("experiments/parts/sort_head.html", takes_context=True)
def sort_head(context: template.Context, name: str, label: str, sort: str) -> dict[str, Any]:
    """Show a column's head as a link that sorts by it, keeping the filter; a second click turns it round."""
    request: HttpRequest = context["request"]
    is_up, is_down = sort == name, sort == f"-{name}"
    query = request.GET.copy()
    query["sort"] = f"-{name}" if is_up else name
    query.pop("page", None)
    order = "ascending" if is_up else "descending" if is_down else ""
    return {"label": label, "order": order, "query": query.urlencode()}


@register.inclusion_tag("experiments/parts/head.html", takes_context=True)
def experiment_head(context: template.Context, key: str, open_tab: str) -> dict[str, Any]:
    """Show an experiment's name, status, actions and tabs; ``open_tab`` is one of ``tabs_of``."""
    given = context.get("experiment")
    experiment = (
        given
        if isinstance(given, Experiment)
        else Experiment.objects.select_related("team", "owner", "feature").get(key=key)
    )
    user = context["request"].user
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "experiment": experiment,
        "tabs": tabs_of(experiment.key, open_tab),
        "may_run": can(user, Action.RUN, experiment.team_id),
        "may_design": can(user, Action.DESIGN, experiment.team_id),
        "is_watching": is_watching(experiment, user),
        "has_run": experiment.status != Experiment.Status.DRAFT or experiment.run_number > 1,
    }


@register.simple_tag
def experiment_panels(key: str) -> list[Mapping[str, str]]:
    """Return the panels that other apps show on the experiment's page, each loaded from its own address."""
    return extra_panels(key)


@register.simple_tag
def said(text: str, names: Collection[str]) -> SafeString:
    """Show what a person wrote: links can be followed, mentions stand out, and nothing else of it is markup."""
    return format_html_join("", "{}", ((_shown(piece),) for piece in pieces(text, names=names)))


def _shown(piece: Piece) -> str | SafeString:
    if piece.kind == "link":
        link = '<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>'
        return format_html(link, piece.text, piece.text)
    if piece.kind == "mention":
        return format_html('<span class="mention">{}</span>', piece.text)
    return piece.text
