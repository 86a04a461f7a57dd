"""Declare a new feature with its first live value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from experiments.assignment import definitions
from experiments.features import parameters
from experiments.models import Feature, FeatureRevision
from novarium.kernel.errors import Invalid
from novarium.portal import audit
from novarium.portal.models import User

LIMITS: dict[str, frozenset[str]] = {
    "text": frozenset({"max_length"}),
    "integer": frozenset({"min", "max"}),
    "number": frozenset({"min", "max"}),
    "choice": frozenset({"choices"}),
    "boolean": frozenset(),
}
# The types of the one parameter of a feature that is served as a bare value.
SCALAR_PARAMETERS: dict[str, frozenset[str]] = {
    "boolean": frozenset({"boolean"}),
    "string": frozenset({"text", "choice"}),
    "integer": frozenset({"integer"}),
    "float": frozenset({"number"}),
}
_ALWAYS = frozenset({"name", "type", "label", "default"})


def register_feature(feature: Feature, *, actor: User) -> None:
    """Save a new feature and make its parameters' defaults its first revision.

    Raises:
        Invalid: the key is taken, or the declaration of a parameter is not right or does not fit the type of the value.
    """
    check_declarations(feature.parameters, value_type=feature.value_type)
    with transaction.atomic():
        _insert(feature)
        value = parameters.defaults(feature.parameters)
        FeatureRevision.objects.create(
            feature=feature, number=1, value=value, origin=FeatureRevision.Origin.SEED, author=actor
        )
        audit.record(
            actor=actor,
            action="feature.create",
            object_type="feature",
            object_key=feature.key,
            team_id=feature.team_id,
            after={"parameters": feature.parameters, "value": value, "value_type": feature.value_type},
        )
        definitions.changed()


def _insert(feature: Feature) -> None:
    """Save the new feature; of two people who take the same key at once, the second is told."""
    try:
        with transaction.atomic():
            feature.save(force_insert=True)
    except IntegrityError as error:
        if "feature_key" not in str(error):
            raise
        raise Invalid(_("This key is taken."), fields={"key": [_("Choose another key.")]}) from error


def check_declarations(declared: Any, *, value_type: str = "object") -> None:
    """Refuse declarations that no form and no value could follow.

    Args:
        value_type: A scalar one has exactly one parameter, called ``value``, of that type.

    Raises:
        Invalid: naming the first that is wrong.
    """
    if not isinstance(declared, list) or not declared:
        raise _wrong(_("Give a list of at least one parameter."))
    names = [item.get("name") for item in declared if isinstance(item, Mapping)]
    if len(names) != len(declared) or len(set(map(str, names))) != len(names):
        raise _wrong(_("Each parameter is an object with a name of its own."))
    for item in declared:
        _check(item)
    if value_type in SCALAR_PARAMETERS:
        _check_scalar(declared, value_type)
    try:
        parameters.validate(parameters.defaults(declared), declared=declared)
    except Invalid as error:
        name, sentences = next(iter(error.fields.items()))
        raise _wrong(f"{name}: {sentences[0]}") from error


def _check_scalar(declared: list[Mapping[str, Any]], value_type: str) -> None:
    kinds = SCALAR_PARAMETERS[value_type]
    if len(declared) != 1 or declared[0]["name"] != "value" or declared[0]["type"] not in kinds:
        sentence = _("A feature of type %(type)s has one parameter, named value, of type %(kinds)s.")
        raise _wrong(sentence % {"type": value_type, "kinds": " / ".join(sorted(kinds))})


def _check(item: Mapping[str, Any]) -> None:
    limits = LIMITS.get(str(item.get("type")))
    if limits is None:
        raise _wrong(_("A type is one of %(types)s.") % {"types": ", ".join(LIMITS)})
    if set(item) != _ALWAYS | limits:
        needed = ", ".join(sorted(_ALWAYS | limits))
        raise _wrong(
            _("A parameter of type %(type)s has exactly: %(needed)s.") % {"type": item["type"], "needed": needed}
        )
    if not str(item["name"]).isidentifier() or not isinstance(item["label"], str):
        raise _wrong(_("A name has letters, digits and underscores; a label is a text."))
    numbers = [item[name] for name in ("min", "max", "max_length") if name in item]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        raise _wrong(_("Limits are numbers."))
    if item["type"] == "choice" and not _are_choices(item["choices"]):
        raise _wrong(_("Choices are a list of [value, label]."))


def _are_choices(choices: object) -> bool:
    if not isinstance(choices, list) or not choices:
        return False
    return all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in choices
    )


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"parameters": [sentence]})
