"""What may change while an experiment runs: more units, never fewer, so that nobody changes sides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.allocation import phases
from experiments.assignment import definitions
from experiments.collaboration.watching import tell
from experiments.models import Experiment, Phase
from experiments.running.ramp_state import state_of
from experiments.running.runs import get_run_design
from experiments.running.safety_override import agreed_note
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit, numbers
from novarium.portal.models import Kind, User

_EXACT = 1e-9


def ramp_up(
    experiment: Experiment,
    *,
    coverage: float,
    actor: User | None,
    note: str = "",
    expected: int | None = None,
    now: datetime | None = None,
) -> Phase:
    """Let a larger share of the units take part; those who take part already keep their variant.

    Args:
        coverage: The new share, above the present one, at most 1.
        expected: Number of the phase that the caller saw; another one is a conflict.

    Raises:
        Invalid: the share is not larger.
        Conflict: the experiment is not running, or somebody else changed the run in the meantime.
    """
    with transaction.atomic():
        locked, last = _present(experiment, expected=expected)
        if not last.coverage + _EXACT < coverage <= 1:
            share = numbers.percent(last.coverage, digits=2)
            sentence = _("The coverage can only rise: above %(share)s, up to 100%%.") % {"share": share}
            raise Invalid(sentence, fields={"coverage": [sentence]})
        return _open(locked, last, Phase.Kind.RAMP, coverage, last.weights, actor=actor, note=note, at=now)


def raise_weights(
    experiment: Experiment,
    *,
    weights: Sequence[float],
    coverage: float,
    actor: User | None,
    note: str = "",
    expected: int | None = None,
    now: datetime | None = None,
) -> Phase:
    """Give variants other weights where that takes units from none of them: the coverage has to rise with it.

    Args:
        weights: Share of each variant by position; they sum to 1.

    Raises:
        Invalid: the weights do not sum to 1, or a variant would lose units; the sentence says what would keep them.
        Conflict: the experiment is not running, or somebody else changed the run in the meantime.
    """
    with transaction.atomic():
        locked, last = _present(experiment, expected=expected)
        problem = _weights_problem(locked, last, weights, coverage)
        if problem:
            raise Invalid(problem, fields={"weights": [problem]})
        return _open(locked, last, Phase.Kind.WEIGHTS, coverage, list(weights), actor=actor, note=note, at=now)


def raise_shares(
    experiment: Experiment,
    *,
    weights: Sequence[float],
    coverage: float,
    actor: User | None,
    note: str = "",
    expected: int | None = None,
) -> Phase:
    """Raise the coverage alone where the weights stay, else both; see ``ramp_up`` and ``raise_weights``.

    On a ramp this goes ahead of its steps, so that the same checks stand before it.

    Raises:
        Forbidden: a check fails, and the person is no lead of the team.
        Invalid: a check fails and no note says why, or the shares cannot be raised like this.
        Conflict: the experiment is not running, or somebody else changed the run in the meantime.
    """
    run = get_run_design(experiment.key)
    state = state_of(run, now=timezone.now())
    if state and state.next_coverage:
        note = agreed_note(run, team_id=experiment.team_id, actor=actor, reason=note, field="note")
    stays = all(
        abs(before - after) < _EXACT for before, after in zip(phases.last_of(experiment).weights, weights, strict=False)
    )
    if stays:
        return ramp_up(experiment, coverage=coverage, actor=actor, note=note, expected=expected)
    return raise_weights(experiment, weights=weights, coverage=coverage, actor=actor, note=note, expected=expected)


def _present(experiment: Experiment, *, expected: int | None) -> tuple[Experiment, Phase]:
    locked = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if locked.status != Experiment.Status.RUNNING:
        raise Conflict(_("Only a running experiment can take in more units."))
    last = phases.last_of(locked)
    if expected is not None and expected != last.number:
        raise Conflict(_("Somebody else changed this run in the meantime. Look at it again."))
    return locked, last


def _weights_problem(experiment: Experiment, last: Phase, weights: Sequence[float], coverage: float) -> str:
    if len(weights) != len(last.weights) or any(weight < 0 for weight in weights) or abs(sum(weights) - 1) > 1e-6:
        return _("One weight for each variant; together they are 100%.")
    if not 0 < coverage <= 1:
        return _("From 0.01% to 100%.")
    names = list(experiment.variants.order_by("position").values_list("name", flat=True))
    for name, before, after in zip(names, last.weights, weights, strict=True):
        had, gets = last.coverage * before, coverage * after
        if gets < had - _EXACT:
            shares = {"name": name, "had": numbers.percent(had, digits=2), "gets": numbers.percent(gets, digits=2)}
            return (
                _(
                    "%(name)s would fall from %(had)s to %(gets)s of the units: people who saw it would change sides, "
                    "and the test would be spoilt. Raise the coverage, or leave its weight."
                )
                % shares
            )
    if list(weights) == last.weights and coverage == last.coverage:
        return _("Nothing would change.")
    return ""


def _open(
    experiment: Experiment,
    last: Phase,
    kind: str,
    coverage: float,
    weights: list[float],
    *,
    actor: User | None,
    note: str,
    at: datetime | None,
) -> Phase:
    phase = phases.open_next(
        last, kind=kind, at=at or timezone.now(), actor=actor, coverage=coverage, weights=weights, note=note
    )
    audit.record(
        actor=actor,
        action=f"experiment.{kind}",
        object_type="experiment",
        object_key=experiment.key,
        team_id=experiment.team_id,
        before={"phase": last.number, "coverage": last.coverage, "weights": last.weights},
        after={"phase": phase.number, "coverage": phase.coverage, "weights": phase.weights},
        note=note,
    )
    definitions.changed()
    said = gettext_lazy("“{name}” is shown to {share} of the units now.")
    share = numbers.percent(coverage, digits=2 if coverage < 0.01 else 0)
    url = reverse("experiments:design", args=[experiment.key])
    tell(experiment, format_lazy(said, name=experiment.name, share=share), url=url, kind=Kind.RAMP, actor=actor)
    return phase
