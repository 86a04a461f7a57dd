"""A feature's switch and its targeted values: compare-and-set, audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from experiments.assignment import conditions, definitions
from experiments.features import parameters
from experiments.models import Feature
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User

MOST_TARGETS = 20
LONGEST_NOTE = 300


def switch(feature: Feature, *, enabled: bool, expected: int, actor: User, note: str = "") -> None:
    """Switch the feature on or off; off, neither targeted values nor experiments are served.

    Raises:
        Conflict: somebody changed the switch or the targeted values in between.
    """
    action = "feature.enable" if enabled else "feature.disable"
    _change(feature, {"enabled": enabled}, expected=expected, actor=actor, action=action, note=note)


def set_targets(
    feature: Feature, targets: Sequence[Mapping[str, Any]], *, expected: int, actor: User, note: str = ""
) -> None:
    """Set the targeted values, in the order in which they are tried: each a condition, a value and a note.

    Raises:
        Invalid: a condition or value is not right; the message says which.
        Conflict: somebody changed the switch or the targeted values in between.
    """
    if len(targets) > MOST_TARGETS:
        raise _wrong(_("A feature has at most %(n)d targeted values.") % {"n": MOST_TARGETS})
    clean = [_checked(feature, number, target) for number, target in enumerate(targets, 1)]
    _change(feature, {"targets": clean}, expected=expected, actor=actor, action="feature.target", note=note)


def _checked(feature: Feature, number: int, target: Mapping[str, Any]) -> dict[str, Any]:
    condition, note = target.get("condition"), target.get("note", "")
    if not condition:
        raise _wrong(_("Targeted value %(n)d needs a condition.") % {"n": number})
    if problems := conditions.check(condition):
        raise _wrong(_("Targeted value %(n)d: %(problem)s") % {"n": number, "problem": problems[0]})
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise _wrong(_("A note has at most %(n)d characters.") % {"n": LONGEST_NOTE})
    try:
        value = parameters.validate(target.get("value"), declared=feature.parameters)
    except Invalid as error:
        sentence = next((texts[0] for texts in error.fields.values()), error.message)
        raise _wrong(_("Targeted value %(n)d: %(problem)s") % {"n": number, "problem": sentence}) from error
    return {"condition": condition, "value": value, "note": note.strip()}


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"targets": [sentence]})


def _change(
    feature: Feature, changes: Mapping[str, Any], *, expected: int, actor: User, action: str, note: str
) -> None:
    with transaction.atomic():
        locked = Feature.objects.select_for_update().get(pk=feature.pk)
        before = {name: getattr(locked, name) for name in changes}
        updated = Feature.objects.filter(pk=feature.pk, serving_number=expected).update(
            serving_number=F("serving_number") + 1, **changes
        )
        if updated == 0:
            raise Conflict(
                _("Somebody changed the targeted values or the switch in the meantime. Look, then try again.")
            )
        audit.record(
            actor=actor,
            action=action,
            object_type="feature",
            object_key=feature.key,
            team_id=feature.team_id,
            before=before,
            after=dict(changes),
            note=note,
        )
        definitions.changed()
