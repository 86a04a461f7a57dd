"""The list of experiments: what it can be filtered and sorted by."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from experiments.models import Experiment, Run

SORTS: dict[str, str] = {
    "name": "name",
    "status": "status",
    "feature": "feature__name",
    "team": "team__name",
    "owner": "owner__username",
    "oec": "oec__name",
    "started": "started_at",
    "changed": "updated_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which experiments to list; empty means any. ``sort`` is a key of SORTS, with ``-`` for downwards."""

    search: str = ""
    status: str = ""
    team: str = ""
    owner: str = ""
    feature: str = ""
    sort: str = "-changed"


def listed(wanted: Wanted) -> QuerySet[Experiment]:
    """Return the experiments, each with ``started_at`` and ``stopped_at`` of its last run."""
    last = Run.objects.filter(experiment=OuterRef("pk")).order_by("-number")
    found = Experiment.objects.select_related("team", "owner", "feature", "oec").annotate(
        started_at=Subquery(last.values("started_at")[:1]), stopped_at=Subquery(last.values("stopped_at")[:1])
    )
    exact = {
        "status": wanted.status,
        "team__key": wanted.team,
        "owner__username": wanted.owner,
        "feature__key": wanted.feature,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    for word in wanted.search.split():
        found = found.filter(
            Q(name__icontains=word) | Q(key__icontains=word) | Q(what__icontains=word) | Q(who__icontains=word)
        )
    return found.order_by(_order(wanted.sort), "-pk")


def _order(sort: str) -> F:
    column = F(SORTS.get(sort.removeprefix("-"), "updated_at"))
    return column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)  # type: ignore[return-value]
