"""Review before the launch: another person approves the design, and only exactly that design may be launched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.access import leads_of
from experiments.collaboration.watching import take_interest, tell
from experiments.designs.design import snapshot, snapshot_hash
from experiments.designs.drafting import lock_draft, problems_of, read_design
from experiments.models import Experiment, Review
from novarium.kernel.errors import Conflict, Forbidden, Invalid
from novarium.portal import audit
from novarium.portal.access import require
from novarium.portal.models import Kind, User
from novarium.portal.roles import Action

Verdict = Review.Verdict
# What came to nothing: it neither allows a launch nor says what to change.
UNREAD = (Verdict.SUPERSEDED, Verdict.WITHDRAWN)


def reviewed_design(experiment: Experiment) -> dict[str, Any]:
    """Return what a review looks at: the snapshot that a launch would freeze, and the schedule.

    Raises:
        Invalid: the design is not complete.
    """
    schedule = {
        name: moment.isoformat() if (moment := getattr(experiment, name)) else None for name in ("starts_at", "ends_at")
    }
    return {**snapshot(read_design(experiment)), **schedule}


def request(experiment: Experiment, *, actor: User, note: str = "", now: datetime | None = None) -> Review:
    """Ask the team's leads to look at the design as it stands now.

    Raises:
        Invalid: the design is not complete.
        Conflict: it is no draft, or this very design waits for a reviewer already.
    """
    at = now or timezone.now()
    try:
        with transaction.atomic():
            locked = lock_draft(experiment)
            problems = problems_of(locked)
            if problems:
                raise Invalid(_("The design is not complete."), fields=problems)
            design = reviewed_design(locked)
            _supersede(locked, snapshot_hash(design), at=at)
            review = Review.objects.create(
                experiment=locked,
                run_number=locked.run_number,
                design=design,
                design_hash=snapshot_hash(design),
                requested_by=actor,
                requested_at=at,
                note=note,
            )
            _record(review, locked, "experiment.review_request", actor=actor, note=note)
            asks = gettext_lazy("{person} asks for a review of “{name}”.")
            text = format_lazy(asks, person=str(actor), name=locked.name)
            to = [lead for lead in leads_of(locked) if is_independent(lead, locked, review)]
            tell(locked, text, url=_address(locked), kind=Kind.REVIEW, to=to, actor=actor)
    except IntegrityError as error:
        if "review_one_open" not in str(error):
            raise
        raise Conflict(_("This design waits for a reviewer already.")) from error
    return review


def _supersede(experiment: Experiment, design_hash: str, *, at: datetime) -> None:
    """Close an open request for an earlier state of the design; one for the present state stays and refuses ours."""
    waiting = Review.objects.filter(experiment=experiment, verdict=Verdict.OPEN).exclude(design_hash=design_hash)
    waiting.update(verdict=Verdict.SUPERSEDED, decided_at=at)


def withdraw(review: Review, *, actor: User, note: str = "", now: datetime | None = None) -> Review:
    """Take back a request that nobody has decided yet; the leads who were asked are told.

    Raises:
        Forbidden: the person neither asked for it nor owns the experiment.
        Conflict: it is not open any more.
    """
    if not may_withdraw(actor, review.experiment, review):
        raise Forbidden(_("Only whoever asked for the review, or owns the experiment, withdraws it."))
    with transaction.atomic():
        updated = Review.objects.filter(pk=review.pk, verdict=Verdict.OPEN).update(
            verdict=Verdict.WITHDRAWN, decided_at=now or timezone.now()
        )
        if updated == 0:
            raise Conflict(_("This review waits for nobody any more."))
        review.refresh_from_db()
        experiment = review.experiment
        _record(review, experiment, "experiment.review_withdraw", actor=actor, note=note)
        said = gettext_lazy("{person} withdrew the review of “{name}”: there is nothing to look at.")
        text = format_lazy(said, person=str(actor), name=experiment.name)
        to = [lead for lead in leads_of(experiment) if is_independent(lead, experiment, review)]
        tell(experiment, text, url=_address(experiment), kind=Kind.REVIEW, to=to, actor=actor)
    return review


def may_withdraw(person: User, experiment: Experiment, review: Review) -> bool:
    """Whether the person may take the request back: who asked for it, or owns the experiment."""
    return person.pk in {experiment.owner_id, review.requested_by_id}


def decide(review: Review, *, verdict: str, reviewer: User, reason: str = "", now: datetime | None = None) -> Review:
    """Approve the design or ask for changes.

    Raises:
        Forbidden: the person may not approve in this team, owns the experiment, or asked for the review.
        Invalid: changes are asked for without saying which.
        Conflict: somebody decided already, or the design has changed since it was asked for.
    """
    if verdict not in {Verdict.APPROVED, Verdict.CHANGES}:
        raise Invalid(_("Approve, or ask for changes."), fields={"verdict": [_("Approve, or ask for changes.")]})
    if verdict == Verdict.CHANGES and not reason.strip():
        raise Invalid(_("Say what should change."), fields={"reason": [_("Say what should change.")]})
    with transaction.atomic():
        locked = lock_draft(review.experiment)
        require_reviewer(reviewer, locked, review)
        if snapshot_hash(reviewed_design(locked)) != review.design_hash:
            raise Conflict(_("The design has changed since the review was asked for. Ask for a new one."))
        updated = Review.objects.filter(pk=review.pk, verdict=Verdict.OPEN).update(
            verdict=verdict, reviewer=reviewer, reason=reason, decided_at=now or timezone.now()
        )
        if updated == 0:
            raise Conflict(_("Somebody else has decided this review already."))
        review.refresh_from_db()
        action = "experiment.approve" if verdict == Verdict.APPROVED else "experiment.request_changes"
        _record(review, locked, action, actor=reviewer, note=reason)
        _tell_requester(review, locked)
    return review


def require_reviewer(person: User, experiment: Experiment, review: Review) -> None:
    """Raise Forbidden unless the person may decide this review."""
    require(person, Action.APPROVE, experiment.team_id)
    if not is_independent(person, experiment, review):
        raise Forbidden(_("Somebody else has to look at it: you own this experiment or asked for the review."))


def is_independent(person: User, experiment: Experiment, review: Review) -> bool:
    """Whether the person neither owns the experiment nor asked for the review."""
    return person.pk not in {experiment.owner_id, review.requested_by_id}


def standing(experiment: Experiment) -> Review | None:
    """Return the latest review of the present run that counts: open, approved or with changes asked for."""
    counted = experiment.reviews.exclude(verdict__in=UNREAD)
    latest = counted.select_related("requested_by", "reviewer").order_by("-id")
    return latest.filter(run_number=experiment.run_number).first()


def is_approved(experiment: Experiment) -> bool:
    """Whether the latest review approved exactly the design as it stands now."""
    latest = standing(experiment)
    if latest is None or latest.verdict != Verdict.APPROVED:
        return False
    return latest.design_hash == snapshot_hash(reviewed_design(experiment))


def require_approval(experiment: Experiment) -> None:
    """Refuse a launch that nobody approved, where the team wants approval.

    Raises:
        Conflict: the present design was not approved; the sentence says what to do.
    """
    if experiment.team.requires_review and not is_approved(experiment):
        raise Conflict(why_not(experiment))


def why_not(experiment: Experiment) -> str:
    """Return why a design that is not approved is not, and what to do."""
    latest = standing(experiment)
    if latest is None:
        return _("A lead has to approve the design before its launch. Ask for a review.")
    sentences = {
        Verdict.OPEN: _("The review is not finished: a lead has to approve the design before its launch."),
        Verdict.CHANGES: _("The reviewer asked for changes. Make them and ask for another review."),
        Verdict.APPROVED: _("The design has changed since it was approved. Ask for another review."),
    }
    return sentences[Verdict(latest.verdict)]


def _tell_requester(review: Review, experiment: Experiment) -> None:
    said = (
        gettext_lazy("{person} approved “{name}”. It can be launched.")
        if review.verdict == Verdict.APPROVED
        else gettext_lazy("{person} asks for changes to “{name}”.")
    )
    text = format_lazy(said, person=str(review.reviewer), name=experiment.name)
    tell(experiment, text, url=_address(experiment), kind=Kind.REVIEW, to=[review.requested_by], actor=review.reviewer)
    if review.reviewer:
        take_interest(experiment, review.reviewer)


def _address(experiment: Experiment) -> str:
    return reverse("experiments:review", args=[experiment.key])


def _record(review: Review, experiment: Experiment, action: str, *, actor: User, note: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="experiment",
        object_key=experiment.key,
        team_id=experiment.team_id,
        before={"verdict": ""} if review.verdict else None,
        after={"verdict": review.verdict, "design": review.design_hash},
        note=note,
    )
