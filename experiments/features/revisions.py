"""The live default of a feature: adopt a value, roll back to an earlier one; history is only added to."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from experiments.assignment import definitions
from experiments.features import parameters
from experiments.models import Experiment, Feature, FeatureRevision
from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.portal import audit
from novarium.portal.models import User

Origin = FeatureRevision.Origin


def live(feature: Feature) -> FeatureRevision:
    """Return the revision that is live."""
    return FeatureRevision.objects.filter(feature=feature).order_by("-number")[0]


def revise(
    feature: Feature,
    value: dict[str, Any],
    *,
    expected: int,
    origin: str,
    actor: User | None,
    note: str = "",
    experiment: Experiment | None = None,
    reinstates: int | None = None,
) -> FeatureRevision:
    """Make the value live as the next revision, if revision ``expected`` is still live.

    Raises:
        Invalid: the value does not fit the feature's parameters.
        Conflict: another revision went live in between.
    """
    clean = parameters.validate(value, declared=feature.parameters)
    try:
        with transaction.atomic():
            before = live(feature)
            if before.number != expected:
                raise Conflict(_("Another value went live in the meantime. Look at it, then try again."))
            revision = FeatureRevision.objects.create(
                feature=feature,
                number=expected + 1,
                value=clean,
                origin=origin,
                reinstates=reinstates,
                experiment=experiment,
                author=actor,
                note=note,
            )
            audit.record(
                actor=actor,
                action=f"feature.{origin}",
                object_type="feature",
                object_key=feature.key,
                team_id=feature.team_id,
                before={"revision": before.number, "value": before.value},
                after={"revision": revision.number, "value": clean},
                note=note,
            )
            definitions.changed()
    except IntegrityError as error:
        if "feature_revision_number_once" in str(error):
            raise Conflict(_("Another value went live in the meantime. Look at it, then try again.")) from error
        raise
    return revision


def rollback(feature: Feature, *, to: int, expected: int, actor: User | None, note: str) -> FeatureRevision:
    """Re-instate an earlier revision's value as a new revision.

    Raises:
        NotFound: there is no revision ``to``.
        Invalid: the note is empty, or that value is live already.
        Conflict: another revision went live in between.
    """
    if not note.strip():
        raise Invalid(_("Say why."), fields={"note": [_("Write a note.")]})
    earlier = FeatureRevision.objects.filter(feature=feature, number=to).first()
    if earlier is None:
        raise NotFound(_("There is no revision %(number)d.") % {"number": to})
    if to == expected:
        raise Invalid(_("This revision is live already."), fields={"to": [_("Choose an earlier revision.")]})
    return revise(
        feature, earlier.value, expected=expected, origin=Origin.ROLLBACK, actor=actor, note=note, reinstates=to
    )
