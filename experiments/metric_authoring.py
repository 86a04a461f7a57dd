"""Metrics: create, change, delete; a definition stays once a launched experiment uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from experiments.catalogue.events import EVENT_TYPES
from experiments.models import Experiment, Metric, Run
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import Team, User

Type, Aggregation = Metric.Type, Metric.Aggregation


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricInput:
    """A metric as an analyst typed it; see ``experiments.models.Metric`` for the sides."""

    name: str
    description: str
    type: str
    numerator_event: str
    numerator_aggregation: str
    denominator_event: str = ""
    denominator_aggregation: str = ""
    direction: str
    unit: str


def users_of(metric: Metric) -> QuerySet[Experiment]:
    """Return the experiments that have the metric as OEC or guardrail, newest first."""
    found = Experiment.objects.filter(Q(oec=metric) | Q(guardrails__metric=metric)).distinct()
    return found.select_related("owner", "oec").order_by("-created_at")


def is_frozen(metric: Metric) -> bool:
    """Whether an experiment that was ever launched uses the metric."""
    return users_of(metric).filter(Exists(Run.objects.filter(experiment=OuterRef("pk")))).exists()


def create(given: MetricInput, *, key: str, team: Team, actor: User) -> Metric:
    """Create a metric.

    Raises:
        Invalid: the key is taken, or the definition is not meaningful.
    """
    problems = definition_problems(given)
    if slugify(key) != key or not key or len(key) > 40 or key == "new":
        problems["key"] = [_("A key has small letters, digits and hyphens, at most %(n)d.") % {"n": 40}]
    if problems:
        raise Invalid(_("The metric is not right."), fields=problems)
    try:
        with transaction.atomic():
            metric = Metric.objects.create(key=key, team=team, **asdict(given))
            _record("metric.create", metric, actor, after=asdict(given))
    except IntegrityError as error:
        if "key" in str(error):
            raise Invalid(_("This key is taken."), fields={"key": [_("Choose another key.")]}) from error
        raise
    return metric


def change(metric: Metric, given: MetricInput, *, actor: User) -> None:
    """Change a metric; once a launched experiment uses it, only the description.

    Raises:
        Invalid: the definition is not meaningful.
        Conflict: the definition is in use.
    """
    problems = definition_problems(given)
    if problems:
        raise Invalid(_("The metric is not right."), fields=problems)
    with transaction.atomic():
        locked = Metric.objects.select_for_update().get(pk=metric.pk)
        wanted = asdict(given)
        changed = {name: value for name, value in wanted.items() if getattr(locked, name) != value}
        if changed.keys() - {"description"} and is_frozen(locked):
            raise Conflict(
                _("A launched experiment uses this metric, so its definition stays. Create another metric instead.")
            )
        if not changed:
            return
        before = {name: getattr(locked, name) for name in changed}
        for name, value in changed.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(changed))
        _record("metric.change", locked, actor, before=before, after=changed)


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
        _record("metric.delete", locked, actor, before={"name": locked.name})
        locked.delete()


def definition_problems(given: MetricInput) -> dict[str, list[str]]:
    """Return what is wrong with a definition: sentences by field."""
    problems: dict[str, list[str]] = {}
    for check in _CHECKS:
        for name, sentence in check(given):
            problems.setdefault(name, []).append(sentence)
    return problems


Finding = tuple[str, str]


def _check_events(given: MetricInput) -> list[Finding]:
    sides = {"numerator": (given.numerator_event, given.numerator_aggregation)}
    if given.type == Type.RATIO:
        sides["denominator"] = (given.denominator_event, given.denominator_aggregation)
    found: list[Finding] = []
    for side, (event, aggregation) in sides.items():
        kind = EVENT_TYPES.get(event)
        if kind is None:
            found.append((f"{side}_event", _("Choose a known event.")))
        elif aggregation == Aggregation.SUM and not kind.amount:
            found.append((f"{side}_aggregation", _("%(event)s carries no amount to sum.") % {"event": event}))
        if aggregation not in Aggregation.values:
            found.append((f"{side}_aggregation", _("Choose how a unit's events become a number.")))
    return found


def _check_type(given: MetricInput) -> list[Finding]:
    aggregation = given.numerator_aggregation
    if given.type == Type.PROPORTION and aggregation != Aggregation.EXISTS:
        return [("numerator_aggregation", _("A proportion counts units with at least one event."))]
    if given.type == Type.MEAN and aggregation == Aggregation.EXISTS:
        return [("numerator_aggregation", _("A mean counts or sums; at least one makes a proportion."))]
    if given.type != Type.RATIO and (given.denominator_event or given.denominator_aggregation):
        return [("denominator_event", _("Only a ratio has a denominator."))]
    return []


def _check_unit(given: MetricInput) -> list[Finding]:
    if given.type == Type.PROPORTION and given.unit != Metric.Unit.PERCENT:
        return [("unit", _("A proportion is written in per cent."))]
    return []


_CHECKS: tuple[Callable[[MetricInput], list[Finding]], ...] = (_check_events, _check_type, _check_unit)


def _record(action: str, metric: Metric, actor: User, *, before: object = None, after: object = None) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="metric",
        object_key=metric.key,
        team_id=metric.team_id,
        before=before,
        after=after,
    )
