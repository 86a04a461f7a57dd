"""What is the value of a feature for a unit? Answered from memory, without the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from experiments import conditions
from experiments.bucketing import bucket, choose
from experiments.definitions import FeatureDefinition, current
from novarium.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A feature's value for a unit.

    Attributes:
        reason: ``SPLIT`` where an experiment decided, ``STATIC`` where the default did (OpenFeature's words).
        experiment, variant, run_id, variant_id: The experiment that decided; None for the default.
    """

    feature: str
    value: Mapping[str, Any]
    reason: Literal["STATIC", "SPLIT"]
    experiment: str | None = None
    variant: str | None = None
    run_id: int | None = None
    variant_id: int | None = None


def evaluate(feature: str, unit: str) -> Evaluation:
    """Return the feature's value for the unit.

    Raises:
        NotFound: there is no such feature.
    """
    return evaluate_many([feature], unit)[feature]


def evaluate_many(
    features: Iterable[str], unit: str, attributes: Mapping[str, Any] | None = None
) -> dict[str, Evaluation]:
    """Return the features' values for the unit, by key, all from one state of the definitions.

    Raises:
        NotFound: there is no such feature.
    """
    definitions = current()
    try:
        return {key: _evaluate(definitions[key], unit, attributes or {}) for key in features}
    except KeyError as error:
        raise NotFound(_("There is no feature %(key)s.") % {"key": error.args[0]}) from error


def _evaluate(definition: FeatureDefinition, unit: str, attributes: Mapping[str, Any]) -> Evaluation:
    for rule in definition.rules:
        if not conditions.matches(rule.design.condition, attributes):
            continue
        index = choose(bucket(seed=rule.design.seed, unit=unit), rule.ranges)
        if index >= 0:
            variant = rule.design.variants[index]
            return Evaluation(
                definition.key, variant.value, "SPLIT", rule.design.key, variant.key, rule.run_id, variant.id
            )
    return Evaluation(definition.key, definition.value, "STATIC")
