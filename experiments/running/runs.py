"""Runs by the experiment's key, and the moves that end one: what the results and decisions of other apps need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F
from django.utils.translation import gettext as _

from experiments.allocation.phases import phases_of
from experiments.designs.design import RunDesign, from_snapshot
from experiments.features import revisions
from experiments.models import Experiment, Feature, FeatureRevision, Run
from experiments.running import lifecycle
from novarium.kernel.errors import Conflict, NotFound
from novarium.portal.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSummary:
    """An experiment as it stands now, launched or not.

    Attributes:
        status: ``draft``, ``running``, ``paused``, ``stopped`` or ``decided``.
        run_number: The present run; a draft's has not been launched yet.
        runs: Numbers of the launched runs, newest first.
    """

    key: str
    name: str
    status: str
    team_id: int
    team_name: str
    feature: str
    feature_name: str
    run_number: int
    runs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One default value of a feature; see ``experiments.models.FeatureRevision``.

    Attributes:
        origin: ``seed``, ``edit``, ``adoption`` or ``rollback``.
        reinstates: The earlier revision that a rollback brought back.
        author: Name of the person, empty for the system.
    """

    feature: str
    number: int
    value: dict[str, Any]
    origin: str
    reinstates: int | None
    author: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRunState:
    """A running or paused run and how many phases it has had; the design is as frozen as ``get_run_design`` has it."""

    run_id: int
    experiment: str
    number: int
    status: str
    phases: int


def get_experiment(key: str) -> ExperimentSummary:
    """Return the experiment as it stands now.

    Raises:
        NotFound: there is no such experiment.
    """
    experiment = _experiment(key)
    return ExperimentSummary(
        key=experiment.key,
        name=experiment.name,
        status=experiment.status,
        team_id=experiment.team_id,
        team_name=experiment.team.name,
        feature=experiment.feature.key,
        feature_name=experiment.feature.name,
        run_number=experiment.run_number,
        runs=tuple(experiment.runs.order_by("-number").values_list("number", flat=True)),
    )


def get_run_design(key: str, run_number: int | None = None) -> RunDesign:
    """Return a launched run with its frozen design; without a number the newest one.

    A run that is no longer the experiment's present one counts as stopped.

    Raises:
        NotFound: there is no such experiment, or it was not launched in that run.
    """
    experiment = _experiment(key)
    runs = Run.objects.filter(experiment=experiment)
    run = runs.filter(number=run_number).first() if run_number else runs.order_by("-number").first()
    if run is None:
        raise NotFound(_("The experiment has no such run."))
    present = run.number == experiment.run_number and experiment.status != Experiment.Status.DRAFT
    return RunDesign(
        run_id=run.pk,
        design=from_snapshot(run.snapshot),
        status=experiment.status if present else Experiment.Status.STOPPED.value,
        started_at=run.started_at,
        stopped_at=run.stopped_at,
        phases=phases_of(run),
    )


def live_runs() -> tuple[LiveRunState, ...]:
    """Return the running and paused runs, oldest first."""
    live = Run.objects.filter(
        experiment__status__in=[Experiment.Status.RUNNING, Experiment.Status.PAUSED],
        number=F("experiment__run_number"),
    )
    rows = live.annotate(opened=Count("phases")).order_by("pk")
    return tuple(
        LiveRunState(run_id=run_id, experiment=key, number=number, status=status, phases=phases)
        for run_id, key, number, status, phases in rows.values_list(
            "pk", "experiment__key", "number", "experiment__status", "opened"
        )
    )


def feature_keys() -> frozenset[str]:
    """Return the keys of all features."""
    return frozenset(Feature.objects.values_list("key", flat=True))


def run_design(run_id: int) -> RunDesign:
    """Return a launched run by its number in the database.

    Raises:
        NotFound: there is no such run.
    """
    run = Run.objects.select_related("experiment").filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("The experiment has no such run."))
    return get_run_design(run.experiment.key, run.number)


def lock_run(key: str, run_number: int) -> RunDesign:
    """Return the present run, its experiment locked until the transaction ends.

    Raises:
        NotFound: there is no such experiment or run.
        Conflict: the experiment was reset since.
    """
    locked = Experiment.objects.select_for_update().filter(key=key).first()
    if locked is None:
        raise NotFound(_("There is no such experiment."))
    if locked.run_number != run_number or locked.status == Experiment.Status.DRAFT:
        raise Conflict(_("The experiment was reset in the meantime. Look at its present run."))
    return get_run_design(key, run_number)


def stop_experiment(key: str, *, actor: User | None, note: str = "", now: datetime | None = None) -> None:
    """Stop a running experiment; see ``lifecycle.stop``."""
    lifecycle.stop(_experiment(key), actor=actor, note=note, now=now)


def decide_experiment(key: str, *, actor: User | None, note: str = "") -> None:
    """Mark a stopped experiment as decided; see ``lifecycle.decide``."""
    lifecycle.decide(_experiment(key), actor=actor, note=note)


def live_revision(feature: str) -> Revision:
    """Return the feature's live default value."""
    return _revision(feature, revisions.live(_feature(feature)))


def revisions_of(feature: str) -> tuple[Revision, ...]:
    """Return the feature's default values, newest first."""
    found = FeatureRevision.objects.filter(feature=_feature(feature)).select_related("author").order_by("-number")
    return tuple(_revision(feature, revision) for revision in found)


def adopt_value(
    feature: str, value: dict[str, Any], *, expected: int, experiment: str, actor: User | None, note: str
) -> Revision:
    """Make a variant's value the feature's default if revision ``expected`` is still live; see ``revisions.revise``."""
    made = revisions.revise(
        _feature(feature),
        value,
        expected=expected,
        origin=revisions.Origin.ADOPTION,
        actor=actor,
        note=note,
        experiment=_experiment(experiment),
    )
    return _revision(feature, made)


def _experiment(key: str) -> Experiment:
    experiment = Experiment.objects.select_related("team", "feature").filter(key=key).first()
    if experiment is None:
        raise NotFound(_("There is no such experiment."))
    return experiment


def _feature(key: str) -> Feature:
    feature = Feature.objects.filter(key=key).first()
    if feature is None:
        raise NotFound(_("There is no such feature."))
    return feature


def _revision(feature: str, revision: FeatureRevision) -> Revision:
    return Revision(
        feature=feature,
        number=revision.number,
        value=dict(revision.value),
        origin=revision.origin,
        reinstates=revision.reinstates,
        author=str(revision.author) if revision.author else "",
        note=revision.note,
        created_at=revision.created_at,
    )
