"""Metrics: create, change as the next version, delete."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from experiments.metrics.rules import MetricInput, definition_problems
from experiments.models import Experiment, Metric, MetricVersion, Run
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import Team, User

__all__ = ["DEFINITION", "MetricInput", "Use", "change", "create", "definition_problems", "delete", "uses_of"]

# What is measured: a change of one of these makes the next version; the other fields only describe.
DEFINITION: tuple[str, ...] = tuple(
    name for name in MetricInput.__dataclass_fields__ if name not in {"name", "description", "owner_id"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An experiment with the metric as OEC or guardrail; ``version`` is None for a draft, which takes the newest."""

    experiment: Experiment
    is_oec: bool
    version: int | None


def users_of(metric: Metric) -> QuerySet[Experiment]:
    """Return the experiments that have the metric as OEC or guardrail, newest first."""
    found = Experiment.objects.filter(Q(oec=metric) | Q(guardrails__metric=metric)).distinct()
    return found.select_related("owner", "oec").order_by("-created_at")


def uses_of(metric: Metric, *, limit: int = 50) -> list[Use]:
    """Return which experiments use the metric, newest first, each with the version that its launch froze."""
    experiments = list(users_of(metric)[:limit])
    snapshots = {
        (experiment, number): snapshot
        for experiment, number, snapshot in Run.objects.filter(experiment__in=experiments).values_list(
            "experiment_id", "number", "snapshot"
        )
    }
    return [
        Use(
            experiment=experiment,
            is_oec=experiment.oec_id == metric.pk,
            version=_frozen_version(snapshots.get((experiment.pk, experiment.run_number)), metric.key)
            if experiment.status != Experiment.Status.DRAFT
            else None,
        )
        for experiment in experiments
    ]


def create(given: MetricInput, *, key: str, team: Team, actor: User, note: str = "") -> Metric:
    """Create a metric with its first version; its owner is who creates it, unless another is named.

    Raises:
        Invalid: the key is taken, or the definition is not meaningful.
    """
    problems = definition_problems(given)
    if slugify(key) != key or not key or len(key) > 40 or key == "new":
        problems["key"] = [_("A key has small letters, digits and hyphens, at most %(n)d.") % {"n": 40}]
    if problems:
        raise Invalid(_("The metric is not right."), fields=problems)
    wanted = _plain(given)
    wanted["owner_id"] = wanted["owner_id"] or actor.pk
    try:
        with transaction.atomic():
            metric = Metric.objects.create(key=key, team=team, **wanted)
            add_version(metric, actor=actor, note=note)
            _record("metric.create", metric, actor, after=wanted, note=note)
    except IntegrityError as error:
        if "key" in str(error):
            raise Invalid(_("This key is taken."), fields={"key": [_("Choose another key.")]}) from error
        raise
    return metric


def change(
    metric: Metric, given: MetricInput, *, actor: User | None, expected: int | None = None, note: str = ""
) -> Metric:
    """Change a metric; another definition becomes its next version, which launches from now on take.

    Args:
        metric: Which one.
        given: All of it, changed or not.
        actor: Who changes it.
        expected: The version that the person looked at; None for whichever it is.
        note: Why.

    Raises:
        Invalid: the definition is not meaningful.
        Conflict: somebody else made another version in the meantime.
    """
    problems = definition_problems(given)
    if problems:
        raise Invalid(_("The metric is not right."), fields=problems)
    with transaction.atomic():
        locked = Metric.objects.select_for_update().get(pk=metric.pk)
        if expected is not None and locked.version != expected:
            raise Conflict(
                _("Somebody made version %(number)d of this metric in the meantime. Look at it, then change it again.")
                % {"number": locked.version}
            )
        wanted = _plain(given)
        wanted["owner_id"] = wanted["owner_id"] or locked.owner_id
        changed = {name: value for name, value in wanted.items() if getattr(locked, name) != value}
        if not changed:
            return locked
        before: dict[str, Any] = {name: getattr(locked, name) for name in changed}
        for name, value in changed.items():
            setattr(locked, name, value)
        if changed.keys() & set(DEFINITION):
            before["version"], locked.version = locked.version, locked.version + 1
            changed["version"] = locked.version
        locked.save(update_fields=list(changed))
        if "version" in changed:
            add_version(locked, actor=actor, note=note)
        _record("metric.change", locked, actor, before=before, after=changed, note=note)
    return locked


def delete(metric: Metric, *, actor: User) -> None:
    """Delete a metric that no experiment uses.

    Raises:
        Conflict: an experiment uses it.
    """
    with transaction.atomic():
        locked = Metric.objects.select_for_update().get(pk=metric.pk)
        first = users_of(locked).first()
        if first:
            raise Conflict(_("The experiment “%(name)s” uses this metric.") % {"name": first.name})
        _record("metric.delete", locked, actor, before=_whole(locked))
        locked.delete()


def add_version(metric: Metric, *, actor: User | None, note: str = "") -> MetricVersion:
    """Write down the metric's present definition under its present version, in the caller's transaction."""
    return MetricVersion.objects.create(
        metric=metric, number=metric.version, definition=definition_of(metric), author=actor, note=note
    )


def definition_of(metric: Metric) -> dict[str, Any]:
    """Return what is measured, as JSON values."""
    return {name: getattr(metric, name) for name in DEFINITION}


def _whole(metric: Metric) -> dict[str, Any]:
    """Return all of a metric, as JSON values."""
    return {name: getattr(metric, name) for name in MetricInput.__dataclass_fields__} | {"version": metric.version}


def _plain(given: MetricInput) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(given)))
    return plain


def _frozen_version(snapshot: dict[str, Any] | None, key: str) -> int | None:
    """Return the version in a launched design; 1 for one from before versions were written down."""
    if snapshot is None:
        return None
    definitions = [snapshot["oec"], *(item["metric"] for item in snapshot["guardrails"])]
    return next((item.get("version") or 1 for item in definitions if item["key"] == key), None)


def _record(
    action: str, metric: Metric, actor: User | None, *, before: object = None, after: object = None, note: str = ""
) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="metric",
        object_key=metric.key,
        team_id=metric.team_id,
        before=before,
        after=after,
        note=note,
    )
