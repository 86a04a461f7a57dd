"""All definitions for local evaluation, in the JSON form that the public GrowthBook SDKs read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import zip_longest
from typing import Any

import orjson

from experiments.assignment.bucketing import Range
from experiments.assignment.compiled import FeatureDefinition, Rule, served
from experiments.assignment.memberships import Memberships
from experiments.serving.payload_openapi import OPENAPI
from experiments.serving.saved_groups import NoGroups, SavedGroups

__all__ = ["OPENAPI", "features", "payload", "tag_of"]

Groups = SavedGroups | NoGroups
NOBODY: Range = (0.0, 0.0)
HASH = {"hashAttribute": "id", "hashVersion": 2}


def features(definitions: Iterable[FeatureDefinition], groups: Groups) -> dict[str, Any]:
    """Return the features by key; one that is switched off is left out, so that the program's own default counts."""
    return {definition.key: _feature(definition, groups) for definition in definitions if definition.enabled}


def payload(definitions: Iterable[FeatureDefinition], *, updated: str, memberships: Memberships | None = None) -> bytes:
    """Return the whole answer.

    Args:
        updated: When the definitions changed, in ISO 8601.
        memberships: Who is on the CRM lists, for a key that is kept secret; None leaves unit ids out.
    """
    groups: Groups = SavedGroups(memberships) if memberships else NoGroups()
    answer: dict[str, Any] = {"status": 200, "features": features(definitions, groups), "dateUpdated": updated}
    if groups.groups:
        answer["savedGroups"] = groups.groups
    return orjson.dumps(answer)


def tag_of(body: bytes) -> str:
    """Return the entity tag of an answer."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def _feature(definition: FeatureDefinition, groups: Groups) -> dict[str, Any]:
    kind = definition.value_type
    rules: list[dict[str, Any]] = [
        {
            "id": f"target-{number}",
            "condition": groups.condition(target.condition),
            "force": served(target.outcome.value, kind),
        }
        for number, target in enumerate(definition.targets, 1)
    ]
    for rule in definition.rules:
        rules += _experiment(rule, kind, groups)
    found: dict[str, Any] = {"defaultValue": served(definition.value, kind)}
    return {**found, "rules": rules} if rules else found


def _experiment(rule: Rule, kind: str, groups: Groups) -> list[dict[str, Any]]:
    """Return the experiment's rules: as many as its variants have pieces, each with one piece of every variant."""
    design = rule.design
    weights = [variant.weight for variant in design.variants]
    shared: dict[str, Any] = {
        "key": design.key,
        "name": design.name,
        "phase": str(rule.phase),
        "seed": design.seed,
        **HASH,
        "variations": [served(variant.value, kind) for variant in design.variants],
        "meta": [{"key": variant.key, "name": variant.name} for variant in design.variants],
        "bucketVersion": design.run_number,
        "minBucketVersion": design.run_number,
        **_confined(rule, groups),
    }
    pieces = list(zip_longest(*rule.allotment, fillvalue=NOBODY))
    return [
        {"id": f"{design.key}-{number}", **shared, "weights": weights, "ranges": [list(piece) for piece in row]}
        for number, row in enumerate(pieces, 1)
    ]


def _confined(rule: Rule, groups: Groups) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    if rule.design.condition:
        found["condition"] = groups.condition(rule.design.condition, run_id=rule.run_id)
    if rule.gates:
        found["filters"] = [_filter(gate.seed, [(gate.start, gate.end)]) for gate in rule.gates]
    return found


def _filter(seed: str, ranges: Sequence[Range]) -> dict[str, Any]:
    return {"seed": seed, "attribute": "id", "hashVersion": 2, "ranges": [list(each) for each in ranges]}
