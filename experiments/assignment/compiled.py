"""What is served, compiled once per change: each possible answer of a feature is ready, and choosing one is fast. Pure.

The order in which a feature decides: switched off; the first targeted value whose condition holds; the first running
experiment that takes the unit (condition, layer's slot and holdout, then its allotment); the live default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from experiments.assignment import conditions
from experiments.assignment.bucketing import BUCKETS, Allotment, Gate, owners, place, prepared
from experiments.audiences.condition_check import CRM_TARGETS
from experiments.designs.design import Design

Reason = Literal["STATIC", "SPLIT", "TARGETING_MATCH", "DISABLED", "ERROR"]
DEFAULT_VARIANT = "default"
SCALARS = frozenset({"boolean", "string", "integer", "float"})
NO_UNIT = "A running experiment splits this flag, so that the context needs a targetingKey."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One possible answer of a feature.

    Attributes:
        reason: In OpenFeature's words; ``ERROR`` where an experiment needs a unit and none was given.
        value: All parameters, whatever the feature's type.
        body: The answer as OFREP writes it.
        experiment, run_id, variant_id: The experiment that decided, if one did.
    """

    feature: str
    reason: Reason
    variant: str
    value: Mapping[str, Any]
    body: bytes
    experiment: str | None = None
    run_id: int | None = None
    variant_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A value for those whose attributes satisfy a condition."""

    condition: Mapping[str, Any]
    test: Callable[[Any], bool]
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A running experiment on a feature: who gets which variant.

    Attributes:
        test: Whether the attributes are the audience's; None where everybody is.
        gates: The layer's slot, and who is not held out.
        doors: The gates, prepared.
        owner: The index of each bucket's variant plus one, or 0.
        kept: The CRM lists that exposed units stay on for this run, whatever lists they are on now, by unit.
    """

    run_id: int
    design: Design
    phase: int
    allotment: Allotment
    gates: tuple[Gate, ...]
    test: Callable[[Any], bool] | None
    doors: tuple[tuple[int, float, float], ...]
    state: int
    owner: bytes
    outcomes: tuple[Outcome, ...]
    kept: Mapping[str, list[str]]

    def is_for(self, unit: str, attributes: Mapping[str, Any]) -> bool:
        """Whether the unit is of the audience."""
        if self.test is None:
            return True
        if self.kept and (lists := self.kept.get(unit)) is not None:
            attributes = {**attributes, CRM_TARGETS: lists}
        return self.test(attributes)

    def choose(self, unit: str) -> Outcome | None:
        """Return the outcome for a unit of the audience, or None for one that does not take part."""
        for state, start, end in self.doors:
            if not start <= place(state, unit) / BUCKETS < end:
                return None
        index = self.owner[place(self.state, unit)]
        return self.outcomes[index - 1] if index else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDefinition:
    """A feature's live default value, and what overrides it."""

    key: str
    team_id: int
    value_type: str
    enabled: bool
    revision: int
    value: Mapping[str, Any]
    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]
    default: Outcome
    disabled: Outcome
    no_unit: Outcome

    def decide(self, unit: str, attributes: Mapping[str, Any]) -> Outcome:
        """Return the outcome for the unit; an empty one is none."""
        if not self.enabled:
            return self.disabled
        for target in self.targets:
            if target.test(attributes):
                return target.outcome
        for rule in self.rules:
            if not rule.is_for(unit, attributes):
                continue
            if not unit:
                return self.no_unit
            if outcome := rule.choose(unit):
                return outcome
        return self.default


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFeature:
    """A feature as it stands in the database."""

    key: str
    team_id: int
    value_type: str
    enabled: bool
    targets: Sequence[Mapping[str, Any]]
    revision: int
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDesign:
    """A running experiment with the allotment of its present phase."""

    run_id: int
    design: Design
    phase: int
    allotment: Allotment
    kept: Mapping[str, list[str]] = field(default_factory=dict)


def served(value: Mapping[str, Any], value_type: str) -> Any:
    """Return what a program is given: the object, or the bare ``value`` of a scalar feature; a float stays one."""
    if value_type not in SCALARS:
        return value
    bare = value["value"]
    return float(bare) if value_type == "float" else bare


def compile_feature(
    feature: LiveFeature, running: Sequence[RunningDesign], *, holdout: Gate | None
) -> FeatureDefinition:
    """Return the feature ready to decide; ``holdout`` lets through who is not held out."""
    about = {"revision": feature.revision}
    rest = {"reason": "DISABLED", "variant": DEFAULT_VARIANT, "metadata": about}
    missing = {"errorCode": "TARGETING_KEY_MISSING", "errorDetails": NO_UNIT}
    return FeatureDefinition(
        key=feature.key,
        team_id=feature.team_id,
        value_type=feature.value_type,
        enabled=feature.enabled,
        revision=feature.revision,
        value=feature.value,
        targets=tuple(_target(feature, number, item) for number, item in enumerate(feature.targets, 1)),
        rules=tuple(_rule(feature, run, holdout) for run in running),
        default=_outcome(feature, "STATIC", DEFAULT_VARIANT, feature.value, about),
        disabled=Outcome(
            feature=feature.key,
            reason="DISABLED",
            variant=DEFAULT_VARIANT,
            value=feature.value,
            body=orjson.dumps({"key": feature.key, **rest}),  # without a value: the program's own default counts
        ),
        no_unit=Outcome(
            feature=feature.key,
            reason="ERROR",
            variant=DEFAULT_VARIANT,
            value=feature.value,
            body=orjson.dumps({"key": feature.key, **missing}),
        ),
    )


def gates_of(design: Design, *, holdout: Gate | None) -> tuple[Gate, ...]:
    """Return what a unit must pass before it is split: the slot of the layer, and the global holdout.

    Args:
        design: The experiment's.
        holdout: Lets through who is not held out; None where nobody is.
    """
    slot = (Gate(design.slot.seed, design.slot.start, design.slot.end),) if design.slot else ()
    return (*slot, holdout) if holdout and design.keeps_holdout else slot


def _outcome(
    feature: LiveFeature,
    reason: Reason,
    variant: str,
    value: Mapping[str, Any],
    about: Mapping[str, Any],
    **decided_by: Any,
) -> Outcome:
    answer = {
        "key": feature.key,
        "value": served(value, feature.value_type),
        "reason": reason,
        "variant": variant,
        "metadata": about,
    }
    body = orjson.dumps(answer)
    return Outcome(feature=feature.key, reason=reason, variant=variant, value=value, body=body, **decided_by)


def _target(feature: LiveFeature, number: int, item: Mapping[str, Any]) -> Target:
    about = {"revision": feature.revision, "target": number}
    outcome = _outcome(feature, "TARGETING_MATCH", f"target-{number}", item["value"], about)
    return Target(condition=item["condition"], test=conditions.compile(item["condition"]), outcome=outcome)


def _rule(feature: LiveFeature, run: RunningDesign, holdout: Gate | None) -> Rule:
    design = run.design
    gates = gates_of(design, holdout=holdout)
    about = {
        "experiment": design.key,
        "run": design.run_number,
        "phase": run.phase,
        "revision": feature.revision,
    }
    return Rule(
        run_id=run.run_id,
        design=design,
        phase=run.phase,
        allotment=run.allotment,
        gates=gates,
        test=conditions.compile(design.condition) if design.condition else None,
        doors=tuple((prepared(gate.seed), gate.start, gate.end) for gate in gates),
        state=prepared(design.seed),
        owner=bytes(index + 1 for index in owners(run.allotment)),
        kept=run.kept,
        outcomes=tuple(
            _outcome(
                feature,
                "SPLIT",
                variant.key,
                variant.value,
                about,
                experiment=design.key,
                run_id=run.run_id,
                variant_id=variant.id,
            )
            for variant in design.variants
        ),
    )
