"""What is the value of a feature for a unit? Answered from memory, without the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from experiments.assignment.compiled import FeatureDefinition, Outcome, Reason
from experiments.assignment.definitions import current
from experiments.audiences.condition_check import CRM_TARGETS
from novarium.kernel.errors import NotFound

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A feature's value for a unit.

    Attributes:
        value: All parameters; a feature of a scalar type has the one called ``value``.
        reason: ``SPLIT`` where an experiment decided, ``TARGETING_MATCH`` where a targeted value did, ``DISABLED``
            where the feature is switched off, ``STATIC`` where the default counts (OpenFeature's words).
        experiment, variant, run_id, variant_id: The experiment that decided; None for the default.
    """

    feature: str
    value: Mapping[str, Any]
    reason: Reason
    experiment: str | None = None
    variant: str | None = None
    run_id: int | None = None
    variant_id: int | None = None


def evaluate(feature: str, unit: str, attributes: Mapping[str, Any] = NOTHING) -> Evaluation:
    """Return the feature's value for the unit with these attributes.

    Raises:
        NotFound: there is no such feature.
    """
    return evaluate_many([feature], unit, attributes)[feature]


def evaluate_many(features: Iterable[str], unit: str, attributes: Mapping[str, Any] = NOTHING) -> dict[str, Evaluation]:
    """Return the features' values for the unit, by key, all from one state of the definitions.

    Args:
        attributes: What conditions ask about; ``id`` is always the unit, and ``crm_targets`` the lists that it is on.

    Raises:
        NotFound: there is no such feature.
    """
    held = current()
    definitions = held.features
    known = {**attributes, "id": unit, CRM_TARGETS: held.memberships.of(unit)}
    try:
        return {key: _evaluation(definitions[key], definitions[key].decide(unit, known)) for key in features}
    except KeyError as error:
        raise NotFound(_("There is no feature %(key)s.") % {"key": error.args[0]}) from error


def _evaluation(definition: FeatureDefinition, outcome: Outcome) -> Evaluation:
    variant = outcome.variant if outcome.experiment else None
    return Evaluation(
        definition.key,
        outcome.value,
        outcome.reason,
        outcome.experiment,
        variant,
        outcome.run_id,
        outcome.variant_id,
    )
