"""The public SDK, our server and the vectorised form assign 10,000 users alike."""

import json

import numpy as np
import pytest
from growthbook import GrowthBook

from experiments.assignment.bucketing import Gate, allot_many, grow, ranges
from experiments.assignment.compiled import LiveFeature, RunningDesign, compile_feature
from experiments.designs.design import Design, LayerSlot, MetricDefinition, VariantDesign
from experiments.serving.payload import payload

USERS = [f"user-{n}" for n in range(9_990)] + ["é", "사용자", "\U0001f600", "0", "1", " ", "a:b", "x" * 64, "A", "a"]
HOLDOUT = Gate("holdout:one", 0.1, 1.0)
OEC = MetricDefinition(
    key="ctr", name="CTR", type="proportion", numerator_event="click", numerator_aggregation="exists"
)
TEXTS = dict.fromkeys(("team", "surface", "who", "what", "why", "expected_impact"), "x")


def standard(weights, coverage):
    return tuple((owned,) for owned in ranges(weights=weights, coverage=coverage))


def ramped(weights):
    return grow(standard(weights, 0.1), weights=weights, coverage=0.6)


def grown():
    """Half and half at a fifth, then nine to one for everybody: one variant has two pieces."""
    return grow(standard([0.5, 0.5], 0.2), weights=[0.9, 0.1], coverage=1.0)


def run(number, feature, weights, allotment, **changes):
    variants = tuple(
        VariantDesign(
            id=number * 10 + index,
            key=f"v{index}",
            name=f"V {index}",
            position=index,
            weight=weight,
            value={"value": f"e{number}-v{index}"},
        )
        for index, weight in enumerate(weights)
    )
    numbers = {"baseline": 0.1, "mde": 0.1, "alpha": 0.05, "power": 0.8, "coverage": 1.0, "planned_units": 100}
    design = Design(
        key=f"e{number}",
        name=f"E {number}",
        feature=feature,
        oec=OEC,
        guardrails=(),
        variants=variants,
        planned_days=7,
        seed=f"e{number}:seed",
        run_number=2,
        **TEXTS,
        **numbers,
        **{"keeps_holdout": False, **changes},
    )
    return RunningDesign(run_id=number, design=design, phase=3, allotment=allotment)


def in_layer(start, end):
    return LayerSlot(layer="l", seed="layer:l", start=start, end=end)


HALVES = [0.5, 0.5]
KOREAN = {"country": "KR", "age": {"$gte": 20}}
CASES = {
    "plain": [run(1, "plain", HALVES, standard(HALVES, 1.0))],
    "ten-percent": [run(2, "ten-percent", HALVES, standard(HALVES, 0.1))],
    "ramped": [run(3, "ramped", [0.2, 0.8], ramped([0.2, 0.8]))],
    "grown": [run(4, "grown", [0.9, 0.1], grown())],
    "three": [run(5, "three", [1 / 3, 1 / 3, 1 / 3], standard([1 / 3] * 3, 1.0))],
    "held-out": [run(6, "held-out", HALVES, standard(HALVES, 1.0), keeps_holdout=True)],
    "layers": [
        run(7, "layers", HALVES, standard(HALVES, 1.0), slot=in_layer(0.0, 0.3), keeps_holdout=True),
        run(8, "layers", [0.9, 0.1], grown(), slot=in_layer(0.5, 1.0)),
    ],
    "audience": [run(9, "audience", HALVES, standard(HALVES, 0.9), condition=KOREAN)],
}


def attributes(index: int, user: str) -> dict:
    return {"id": user, "country": "KR" if index % 2 else "US", "age": 10 + index % 30}


@pytest.fixture(scope="module")
def definitions():
    return {
        key: compile_feature(
            LiveFeature(
                key=key,
                team_id=1,
                value_type="string",
                enabled=True,
                targets=[],
                revision=1,
                value={"value": "default"},
            ),
            runs,
            holdout=HOLDOUT,
        )
        for key, runs in CASES.items()
    }


@pytest.fixture(scope="module")
def sdk(definitions):
    """What a program gets from the public SDK, by user and feature; the payload crosses as JSON."""
    features = json.loads(payload(definitions.values(), updated="2026-01-01T00:00:00+00:00"))["features"]
    client = GrowthBook(features=features)
    found = []
    for index, user in enumerate(USERS):
        client.set_attributes(attributes(index, user))
        found.append({key: client.get_feature_value(key, "missing") for key in features})
    client.destroy()
    return found


@pytest.mark.parametrize("key", CASES)
def test_sdk_server_and_vectorised_form_assign_everybody_alike(key, definitions, sdk):
    definition = definitions[key]
    decided = [definition.decide(user, attributes(index, user)) for index, user in enumerate(USERS)]
    assert [outcome.value["value"] for outcome in decided] == [found[key] for found in sdk]
    expected = np.full(len(USERS), "default", dtype=object)
    for rule in reversed(definition.rules):
        index = allot_many(seed=rule.design.seed, units=USERS, allotment=rule.allotment, gates=rule.gates)
        if rule.test:
            index[[not rule.test(attributes(place, user)) for place, user in enumerate(USERS)]] = -1
        for variant, design in enumerate(rule.design.variants):
            expected[index == variant] = design.value["value"]
    assert expected.tolist() == [found[key] for found in sdk]
    assert len(set(expected)) >= 2


def test_every_share_is_what_was_designed(sdk):
    def share(key, value):
        return sum(found[key] == value for found in sdk) / len(sdk)

    assert share("ten-percent", "default") == pytest.approx(0.9, abs=0.01)
    assert share("grown", "e4-v0") == pytest.approx(0.9, abs=0.01)
    assert share("held-out", "default") == pytest.approx(0.1, abs=0.01)
    assert share("layers", "default") == pytest.approx(0.2 + 0.3 * 0.1, abs=0.015)


def test_variants_and_versions_are_named_for_tracking_and_sticky_buckets(definitions):
    rules = json.loads(payload([definitions["grown"]], updated="now"))["features"]["grown"]["rules"]
    assert len(rules) == 2
    assert {(rule["key"], rule["seed"], rule["phase"], rule["bucketVersion"]) for rule in rules} == {
        ("e4", "e4:seed", "3", 2)
    }
    assert rules[0]["meta"] == [{"key": "v0", "name": "V 0"}, {"key": "v1", "name": "V 1"}]
