"""Deciding on a run: adopt a variant or reject it; feature, experiment and archive change together or not at all."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from analytics import archive
from analytics.models import Adoption, ArchiveEntry, Decision
from analytics.objections import Objection, objections_to
from analytics.quality.standing import refuse_decision
from analytics.results import LIVE, ResultReport, compute
from experiments.public import (
    RunDesign,
    adopt_value,
    decide_experiment,
    get_experiment,
    lock_run,
    stop_experiment,
)
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.roles import Action

MAX_TEXT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What a lead writes down.

    Attributes:
        note: Why this decision.
        learning: What was learned; becomes the first wording of the archive's learning note.
        override: Why to adopt in spite of objections; empty without any.
    """

    note: str
    learning: str
    override: str = ""


def adopt(
    key: str,
    *,
    run_number: int,
    variant: str,
    expected_revision: int,
    reasons: Reasons,
    actor: User,
    stop_first: bool = False,
) -> ArchiveEntry:
    """Make a variant's value what everybody sees, and archive the run.

    Args:
        key: Of the experiment.
        run_number: The run that the person looked at.
        variant: Key of a treatment of that run.
        expected_revision: The feature's live revision that the person looked at.
        reasons: Note and learning; the override where there are objections.
        actor: A lead of the experiment's team.
        stop_first: Whether a running experiment is stopped in the same step.

    Raises:
        Forbidden: the person is no lead of the team.
        Invalid: a text is missing, no such treatment, or there are objections and no written reason.
        Conflict: decided, reset or launched by another in the meantime, still running, or another value went live; or
            a quality gate touches the run.
    """
    require(actor, Action.ADOPT, get_experiment(key).team_id)
    with transaction.atomic():
        run = _closed_run(key, run_number, actor=actor, stop_first=stop_first)
        report = compute(run)
        objections = objections_to(variant, report, run.design)
        _check(reasons, objections, run, variant)
        decision = _decide(run, Decision.Outcome.ADOPTED, reasons, actor, variant=variant, objections=objections)
        _make_live(run, decision, expected_revision)
        return _archive(run, report, decision, reasons, actor)


def reject(key: str, *, run_number: int, reasons: Reasons, actor: User, stop_first: bool = False) -> ArchiveEntry:
    """Keep the feature as it is, and archive the run.

    Raises:
        Forbidden: the person is no lead of the team.
        Invalid: a text is missing.
        Conflict: decided or reset in the meantime, still running, or a quality gate touches the run.
    """
    require(actor, Action.ADOPT, get_experiment(key).team_id)
    with transaction.atomic():
        run = _closed_run(key, run_number, actor=actor, stop_first=stop_first)
        _check(reasons, (), run, None)
        report = compute(run)
        decision = _decide(run, Decision.Outcome.REJECTED, reasons, actor)
        return _archive(run, report, decision, reasons, actor)


def _closed_run(key: str, run_number: int, *, actor: User, stop_first: bool) -> RunDesign:
    run = lock_run(key, run_number)
    if run.status == "decided":
        raise Conflict(_("This run was decided in the meantime. The archive has the decision."))
    if run.status in LIVE:
        if not stop_first:
            raise Conflict(_("The experiment is running. Stop it before you decide, or stop and decide in one step."))
        stop_experiment(key, actor=actor, note=_("Stopped to decide."))
        run = lock_run(key, run_number)
    refuse_decision(run)
    return run


def _check(reasons: Reasons, objections: tuple[Objection, ...], run: RunDesign, variant: str | None) -> None:
    problems: dict[str, list[str]] = {}
    for name in ("note", "learning"):
        text = getattr(reasons, name)
        if not text.strip():
            problems[name] = [_("Write a sentence or two.")]
        elif len(text) > MAX_TEXT:
            problems[name] = [_("At most %(n)d characters.") % {"n": MAX_TEXT}]
    if variant is not None and variant not in {arm.key for arm in run.design.variants[1:]}:
        problems["variant"] = [_("Choose a variant other than the control.")]
    if objections and not reasons.override.strip():
        problems["override"] = [*(objection.sentence for objection in objections), _("Say why you adopt it anyway.")]
    if len(reasons.override) > MAX_TEXT:
        problems["override"] = [_("At most %(n)d characters.") % {"n": MAX_TEXT}]
    if problems:
        raise Invalid(_("The decision is not complete."), fields=problems)


def _decide(
    run: RunDesign,
    outcome: Decision.Outcome,
    reasons: Reasons,
    actor: User,
    *,
    variant: str = "",
    objections: tuple[Objection, ...] = (),
) -> Decision:
    decide_experiment(run.design.key, actor=actor, note=reasons.note)
    decision = Decision.objects.create(
        run_id=run.run_id,
        outcome=outcome,
        variant=variant,
        note=reasons.note.strip(),
        breaches=[asdict(objection) for objection in objections],
        override_reason=reasons.override.strip() if objections else "",
        decided_by=actor,
    )
    audit.record(
        actor=actor,
        action="decision.adopt" if variant else "decision.reject",
        object_type="experiment",
        object_key=run.design.key,
        team_id=get_experiment(run.design.key).team_id,
        after={
            "run": run.design.run_number,
            "variant": variant,
            "objections": decision.breaches,
            "override": decision.override_reason,
        },
        note=decision.note,
    )
    return decision


def _make_live(run: RunDesign, decision: Decision, expected: int) -> None:
    value = next(arm.value for arm in run.design.variants if arm.key == decision.variant)
    revision = adopt_value(
        run.design.feature,
        value,
        expected=expected,
        experiment=run.design.key,
        actor=decision.decided_by,
        note=decision.note,
    )
    Adoption.objects.create(
        decision=decision, feature=run.design.feature, revision=revision.number, replaced_revision=expected
    )


def _archive(
    run: RunDesign, report: ResultReport | None, decision: Decision, reasons: Reasons, actor: User
) -> ArchiveEntry:
    return archive.keep(run=run, report=report, decision=decision, learning=reasons.learning, actor=actor)
