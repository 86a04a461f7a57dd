"""The life of an experiment: which moves there are, and how each is made by compare-and-set."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.allocation import phases
from experiments.assignment import definitions
from experiments.collaboration.watching import tell
from experiments.designs import reviewing
from experiments.designs.design import snapshot, snapshot_hash
from experiments.designs.drafting import problems_of, read_design
from experiments.models import Experiment, Metric, Phase, Run
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import Kind, User

Status = Experiment.Status


@dataclass(frozen=True, slots=True)
class Move:
    """A change of status: from which, to which, under which name in the audit log."""

    sources: frozenset[str]
    target: str
    action: str


MOVES: dict[str, Move] = {
    "launch": Move(frozenset({Status.DRAFT}), Status.RUNNING, "experiment.launch"),
    "pause": Move(frozenset({Status.RUNNING}), Status.PAUSED, "experiment.pause"),
    "resume": Move(frozenset({Status.PAUSED}), Status.RUNNING, "experiment.resume"),
    "stop": Move(frozenset({Status.RUNNING, Status.PAUSED}), Status.STOPPED, "experiment.stop"),
    "decide": Move(frozenset({Status.STOPPED}), Status.DECIDED, "experiment.decide"),
    "reset": Move(frozenset({Status.STOPPED, Status.DECIDED}), Status.DRAFT, "experiment.reset"),
}


def new_seed(key: str) -> str:
    """Return a fresh seed for assignment, so that no two runs share a split."""
    return f"{key[:40]}:{secrets.token_hex(6)}"


def launch(experiment: Experiment, *, actor: User | None, now: datetime | None = None) -> Run:
    """Freeze the design and start serving its variants.

    Raises:
        Invalid: the design is not complete, or its scheduled end has passed; ``fields`` says where.
        Conflict: it is no draft any more, nobody approved this design where the team wants that, or another
            experiment has its feature or its slot.
    """
    at = now or timezone.now()
    try:
        with transaction.atomic():
            locked = lock(experiment, "launch")
            _lock_metrics(locked)
            problems = problems_of(locked)
            if problems:
                raise Invalid(_("The design is not complete."), fields=problems)
            if locked.ends_at and locked.ends_at <= at:
                passed = _("The scheduled end has passed. Choose a later one.")
                raise Invalid(passed, fields={"ends_at": [passed]})
            reviewing.require_approval(locked)
            design = read_design(locked)
            plain = snapshot(design)
            run = Run.objects.create(
                experiment=locked,
                number=locked.run_number,
                snapshot=plain,
                snapshot_hash=snapshot_hash(plain),
                started_at=at,
                started_by=actor,
            )
            phases.open_first(run, design, actor=actor)
            _move(locked, "launch", actor=actor, after={"run": run.number, "hash": run.snapshot_hash})
    except IntegrityError as error:
        for name, sentence in _TAKEN.items():
            if name in str(error):
                raise Conflict(str(sentence)) from error
        raise
    return run


def pause(experiment: Experiment, *, actor: User | None, note: str = "", now: datetime | None = None) -> Phase:
    """Show everybody the feature's default until it is resumed; who was in a variant comes back to it.

    Raises:
        Conflict: the experiment is not running.
    """
    return _turn(experiment, "pause", actor=actor, note=note, at=now or timezone.now())


def resume(experiment: Experiment, *, actor: User | None, note: str = "", now: datetime | None = None) -> Phase:
    """Serve the variants again, each unit the one it had.

    Raises:
        Conflict: the experiment is not paused.
    """
    return _turn(experiment, "resume", actor=actor, note=note, at=now or timezone.now())


def _turn(experiment: Experiment, name: str, *, actor: User | None, note: str, at: datetime) -> Phase:
    with transaction.atomic():
        locked = lock(experiment, name)
        phase = phases.open_next(phases.last_of(locked), kind=name, at=at, actor=actor, note=note)
        _move(locked, name, actor=actor, note=note, after={"phase": phase.number})
    return phase


def stop(experiment: Experiment, *, actor: User | None, note: str = "", now: datetime | None = None) -> None:
    """Stop serving the variants; everybody sees the feature's default again.

    Raises:
        Conflict: the experiment is not running.
    """
    at = now or timezone.now()
    with transaction.atomic():
        locked = lock(experiment, "stop")
        Run.objects.filter(experiment=locked, number=locked.run_number).update(stopped_at=at)
        _move(locked, "stop", actor=actor, note=note)


def reset(experiment: Experiment, *, actor: User | None, note: str = "") -> None:
    """Make a draft of it again, as the next run with a new seed; earlier runs and the archive stay.

    Raises:
        Conflict: the experiment is a draft or running.
    """
    with transaction.atomic():
        locked = lock(experiment, "reset")
        number = locked.run_number + 1
        fresh = {"run_number": number, "seed": new_seed(locked.key), "starts_at": None, "ends_at": None}
        _move(locked, "reset", actor=actor, note=note, after={"run": number}, **fresh)


def decide(experiment: Experiment, *, actor: User | None, note: str = "") -> None:
    """Mark the experiment as decided; ``analytics.decisions`` calls it in the decision's transaction.

    Raises:
        Conflict: the experiment is not stopped.
    """
    with transaction.atomic():
        _move(lock(experiment, "decide"), "decide", actor=actor, note=note)


def lock(experiment: Experiment, name: str) -> Experiment:
    """Return the experiment locked for a move, inside a transaction; Conflict where its status does not allow it."""
    locked = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if locked.status not in MOVES[name].sources:
        raise Conflict(_REFUSALS[name]())
    return locked


def _lock_metrics(experiment: Experiment) -> None:
    """Let nobody change a definition between its snapshot and the launch's commit."""
    used = Q(pk=experiment.oec_id) | Q(guardrails__experiment=experiment)
    found = Metric.objects.filter(pk__in=Metric.objects.filter(used).values("pk")).order_by("pk")
    list(found.select_for_update(no_key=True))


def _move(
    experiment: Experiment,
    name: str,
    *,
    actor: User | None,
    note: str = "",
    after: dict[str, object] | None = None,
    **changes: object,
) -> None:
    """Set the status where it still is one of the move's sources, audit it, and tell every process."""
    move = MOVES[name]
    updated = Experiment.objects.filter(pk=experiment.pk, status__in=move.sources).update(
        status=move.target, updated_at=timezone.now(), **changes
    )
    if updated == 0:
        raise Conflict(_REFUSALS[name]())
    audit.record(
        actor=actor,
        action=move.action,
        object_type="experiment",
        object_key=experiment.key,
        team_id=experiment.team_id,
        before={"status": experiment.status},
        after={"status": move.target, **(after or {})},
        note=note,
    )
    definitions.changed()
    if name in _NEWS:
        kind, text = _NEWS[name]
        url = reverse("experiments:design", args=[experiment.key])
        tell(experiment, format_lazy(text, name=experiment.name), url=url, kind=kind, actor=actor)


# What watchers are told of.
_NEWS = {
    "launch": (Kind.LAUNCH, gettext_lazy("“{name}” has started.")),
    "pause": (Kind.RAMP, gettext_lazy("“{name}” is paused.")),
    "resume": (Kind.RAMP, gettext_lazy("“{name}” goes on after its pause.")),
    "stop": (Kind.STOP, gettext_lazy("“{name}” has stopped.")),
    "decide": (Kind.DECISION, gettext_lazy("“{name}” is decided.")),
}

# What a constraint of the database means for the person who launches.
_TAKEN = {
    "experiment_one_live_per_feature": gettext_lazy("Another experiment is running on this feature. Stop it first."),
    "experiment_feature_in_one_layer": gettext_lazy(
        "Another experiment is running on this feature. Both can only run in slots of the same layer."
    ),
    "experiment_slots_apart": gettext_lazy(
        "A running experiment has units of this slot. Choose a free part of the layer."
    ),
}

_REFUSALS: dict[str, Callable[[], str]] = {
    "launch": lambda: _("Only a draft can be launched."),
    "pause": lambda: _("Only a running experiment can be paused."),
    "resume": lambda: _("Only a paused experiment can be resumed."),
    "stop": lambda: _("Only a running or paused experiment can be stopped."),
    "decide": lambda: _("Only a stopped experiment can be decided."),
    "reset": lambda: _("Only a stopped or decided experiment can be reset."),
}
