"""The event catalogue: declare an event, and add a version; what is declared is never changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from experiments.assignment import definitions
from experiments.catalogue.events import DESCRIPTIONS, EVENT_TYPES, PROPERTY_TYPES, EventKind, Property
from experiments.events import event_catalogue
from experiments.events.compatibility import Break, breaks
from experiments.events.uses import uses_of
from experiments.events.validation import EXPOSURE
from experiments.models import EventType, EventTypeVersion
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import Team, User

MOST_PROPERTIES = 50
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SHOP_EVENTS = frozenset(EVENT_TYPES)
_ADDRESSES = frozenset({"new", "rejected"})  # pages stand there


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInput:
    """What an event shall carry; ``breaks`` says that the author knows that events of before will be refused."""

    carries_amount: bool
    properties: tuple[Property, ...]
    note: str = ""
    breaks: bool = False


def newest(event_type: EventType) -> EventTypeVersion:
    """Return the version that counts."""
    return event_type.versions.order_by("-number")[0]


def kind_of(version: EventTypeVersion) -> EventKind:
    """Return the event as the checks read it."""
    columns = {
        "number": version.number,
        "carries_amount": version.carries_amount,
        "properties": version.properties,
        "description": version.event_type.description,
    }
    return event_catalogue.kind_of(version.event_type.name, columns)


def install_event_types(*, team: Team) -> None:
    """Declare the shop's events where they are missing; change nothing that is there."""
    for kind in EVENT_TYPES.values():
        event_type, created = EventType.objects.get_or_create(
            name=kind.name, defaults={"team": team, "description": DESCRIPTIONS[kind.name]}
        )
        if created:
            _add(event_type, 1, VersionInput(carries_amount=kind.amount, properties=kind.properties), author=None)


def create(
    *, name: str, description: str, given: VersionInput, team: Team, actor: User, owner: User | None = None
) -> EventType:
    """Declare an event with its first version.

    Raises:
        Invalid: the name is taken or not plain, or a property is not right.
    """
    problems = _property_problems(given.properties)
    if not _NAME.fullmatch(name):
        problems["name"] = [_("A name has small letters, digits and underscores, begins with a letter, at most 40.")]
    elif name == EXPOSURE or name in _ADDRESSES:
        problems["name"] = [_("This name is kept for something else; choose another one.")]
    elif name in _SHOP_EVENTS:
        problems["name"] = [_("This is an event of the shop; choose another name.")]
    if problems:
        raise Invalid(_("The event is not right."), fields=problems)
    try:
        with transaction.atomic():
            event_type = EventType.objects.create(name=name, description=description, team=team, owner=owner or actor)
            version = _add(event_type, 1, given, author=actor)
            _record("event_type.create", event_type, actor, after=_plain(version), note=given.note)
            definitions.changed()
    except IntegrityError as error:
        if "name" in str(error):
            raise Invalid(_("This name is taken."), fields={"name": [_("Choose another name.")]}) from error
        raise
    event_catalogue.forget()
    return event_type


def add_version(event_type: EventType, given: VersionInput, *, expected: int, actor: User) -> EventTypeVersion:
    """Add the next version; ``expected`` is the number of the newest one that the author saw.

    Raises:
        Conflict: somebody else added one meanwhile, or a metric uses what would go.
        Invalid: events of the version before would be refused, and that is not said with a reason; or nothing changes.
    """
    problems = _property_problems(given.properties)
    if problems:
        raise Invalid(_("The version is not right."), fields=problems)
    with transaction.atomic():
        locked = EventType.objects.select_for_update().get(pk=event_type.pk)
        before = newest(locked)
        if before.number != expected:
            raise Conflict(
                _("Somebody added version %(number)d meanwhile. Look at it first.") % {"number": before.number}
            )
        _check_change(kind_of(before), given)
        version = _add(locked, before.number + 1, given, author=actor)
        _record("event_type.version", locked, actor, before=_plain(before), after=_plain(version), note=given.note)
        definitions.changed()
    event_catalogue.forget()
    return version


def break_in_words(found: Break) -> str:
    """Return a sentence about an incompatible change."""
    sentences = {
        "removed": _("The property %(name)s goes, so events that carry it would be refused."),
        "required": _("The property %(name)s becomes required, so events without it would be refused."),
        "type": _("The property %(name)s changes its type, so values of before would be refused."),
        "amount": _("Whether the event carries an amount is switched, so events of before would be refused."),
    }
    return sentences[found.what] % {"name": found.name}


def _check_change(before: EventKind, given: VersionInput) -> None:
    after = EventKind(before.name, given.carries_amount, given.properties)
    if (before.amount, before.properties) == (after.amount, after.properties):
        raise Invalid(_("Nothing differs from the version before."))
    found = breaks(before, after)
    if not found:
        return
    if before.name in _SHOP_EVENTS:
        raise Conflict(_("The shop itself sends this event, so only compatible changes are possible."))
    if not given.breaks:
        sentences = [break_in_words(each) for each in found]
        raise Invalid(
            _("Events that are sent today would be refused. Mark it as a breaking change if that is what you want."),
            fields={"properties": sentences},
        )
    if not given.note.strip():
        raise Invalid(_("Say why."), fields={"note": [_("A breaking change needs its reason.")]})
    users = uses_of(before.name).of_breaks(found)
    if users:
        raise Conflict(_("Metrics use what would go: %(names)s.") % {"names": ", ".join(users)})


def _add(event_type: EventType, number: int, given: VersionInput, *, author: User | None) -> EventTypeVersion:
    return EventTypeVersion.objects.create(
        event_type=event_type,
        number=number,
        carries_amount=given.carries_amount,
        properties=[asdict(item) for item in given.properties],
        breaks=given.breaks and number > 1,
        note=given.note.strip(),
        created_by=author,
    )


def _property_problems(properties: Sequence[Property]) -> dict[str, list[str]]:
    found = []
    names = [item.name for item in properties]
    for item in properties:
        if not _NAME.fullmatch(item.name):
            found.append(
                _("“%(name)s”: a property has small letters, digits and underscores, at most 40.") % {"name": item.name}
            )
        if item.type not in PROPERTY_TYPES:
            found.append(_("“%(name)s”: choose a type.") % {"name": item.name})
        if len(item.description) > 200:
            found.append(_("“%(name)s”: describe it in at most 200 characters.") % {"name": item.name})
    found += [
        _("“%(name)s” is declared twice.") % {"name": name} for name in sorted(set(names)) if names.count(name) > 1
    ]
    if len(names) > MOST_PROPERTIES:
        found.append(_("At most %(n)d properties.") % {"n": MOST_PROPERTIES})
    return {"properties": found} if found else {}


def _plain(version: EventTypeVersion) -> dict[str, Any]:
    names = ("number", "carries_amount", "properties", "breaks")
    return {name: getattr(version, name) for name in names}


def _record(
    action: str, event_type: EventType, actor: User, *, before: object = None, after: object = None, note: str = ""
) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="event_type",
        object_key=event_type.name,
        team_id=event_type.team_id,
        before=before,
        after=after,
        note=note,
    )
