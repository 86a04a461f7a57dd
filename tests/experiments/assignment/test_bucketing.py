"""Assignment agrees with the public hash rules, one by one and vectorised."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment import bucketing

ORACLE = json.loads((Path(__file__).parents[2] / "oracles" / "bucketing.json").read_text(encoding="utf-8"))


def standard(weights, coverage):
    return tuple((owned,) for owned in bucketing.ranges(weights=weights, coverage=coverage))


def assigned(units, *, seed, weights, coverage):
    return bucketing.allot_many(seed=seed, units=units, allotment=standard(weights, coverage))


@pytest.mark.parametrize("case", ORACLE["hash"], ids=lambda case: repr(case["seed"] + "|" + case["value"])[:40])
def test_bucket_agrees_with_the_public_rules(case):
    assert bucketing.bucket(seed=case["seed"], unit=case["value"]) == case["v2"]


@pytest.mark.parametrize("case", ORACLE["ranges"])
def test_ranges_agree_with_the_public_rules(case):
    weights = case["weights"] if case["weights"] and len(case["weights"]) == case["variants"] else []
    equal = [1 / case["variants"]] * case["variants"]
    coverage = 1.0 if case["coverage"] is None else case["coverage"]
    got = bucketing.ranges(weights=weights or equal, coverage=coverage)
    assert [list(item) for item in got] == case["ranges"]


@pytest.mark.parametrize("case", ORACLE["assignments"])
def test_assign_agrees_with_the_public_rules_singly_and_vectorised(case):
    weights = case["weights"] or [1 / case["variants"]] * case["variants"]
    coverage = 1.0 if case["coverage"] is None else case["coverage"]
    units = list(case["variant_of"])
    want = list(case["variant_of"].values())
    assert [bucketing.assign(seed=case["seed"], unit=u, weights=weights, coverage=coverage) for u in units] == want
    many = assigned(units, seed=case["seed"], weights=weights, coverage=coverage)
    assert many.tolist() == want


@given(st.text(max_size=12), st.lists(st.text(max_size=20), min_size=1, max_size=30))
def test_vectorised_buckets_equal_single_ones_for_any_text(seed, units):
    assert bucketing.buckets(seed=seed, units=units).tolist() == [bucketing.bucket(seed=seed, unit=u) for u in units]


def test_raising_coverage_moves_nobody_between_variants():
    units = [f"unit-{n}" for n in range(20_000)]
    half = assigned(units, seed="s", weights=[0.3, 0.7], coverage=0.5)
    full = assigned(units, seed="s", weights=[0.3, 0.7], coverage=1.0)
    inside = half >= 0
    assert np.array_equal(half[inside], full[inside])
    assert abs(inside.mean() - 0.5) < 0.02


shares = st.lists(st.integers(1, 100), min_size=2, max_size=5).map(lambda parts: [part / sum(parts) for part in parts])
coverages = st.integers(1, 100).map(lambda percent: percent / 100)


def owners(allotment):
    return np.array(bucketing.owners(allotment))


def counts(allotment):
    owner = owners(allotment)
    return [int((owner == variant).sum()) for variant in range(len(allotment))]


@given(shares, coverages, coverages)
def test_plain_change_of_coverage_keeps_the_standard_ranges(weights, one, other):
    assert bucketing.grow(standard(weights, one), weights=weights, coverage=other) == standard(weights, other)


@given(st.data())
def test_growth_in_several_steps_moves_nobody_out_of_a_variant_and_is_least(data):
    arms = data.draw(st.integers(2, 4))
    held = [data.draw(st.integers(1, 500)) for _arm in range(arms)]
    total = sum(held) / 10_000
    allotment = standard([part / sum(held) for part in held], total)
    for _step in range(3):
        free = 10_000 - sum(held)
        more = [data.draw(st.integers(0, free // arms)) for _arm in range(arms)]
        held = [one + other for one, other in zip(held, more, strict=True)]
        grown = bucketing.grow(allotment, weights=[one / sum(held) for one in held], coverage=sum(held) / 10_000)
        before, after = owners(allotment), owners(grown)
        inside = before >= 0
        assert np.array_equal(before[inside], after[inside])  # one way: nobody leaves, nobody changes over
        assert np.abs(np.array(counts(grown)) - held).max() <= 1
        assert (before != after).sum() == sum(counts(grown)) - sum(counts(allotment))  # no more than the growth
        allotment = grown


@given(shares, coverages, st.data())
def test_any_change_moves_the_least_possible_number_of_buckets(weights, coverage, data):
    later = data.draw(st.permutations(weights))
    previous = standard(weights, coverage)
    grown = bucketing.grow(previous, weights=later, coverage=data.draw(coverages))
    had, has = np.array(counts(previous)), np.array(counts(grown))
    gained, lost = np.maximum(has - had, 0).sum(), np.maximum(had - has, 0).sum()
    assert (owners(previous) != owners(grown)).sum() == max(gained, lost)


def test_from_half_and_half_to_sixty_forty_a_tenth_moves():
    half = standard([0.5, 0.5], 1.0)
    grown = bucketing.grow(half, weights=[0.6, 0.4], coverage=1.0)
    assert (owners(half) != owners(grown)).mean() == 0.1
    units = [f"u{n}" for n in range(20_000)]
    before = bucketing.allot_many(seed="s", units=units, allotment=half)
    after = bucketing.allot_many(seed="s", units=units, allotment=grown)
    assert set(zip(before[before != after], after[before != after], strict=True)) == {(1, 0)}


def test_growth_needs_a_weight_for_each_variant():
    with pytest.raises(ValueError, match="as many weights"):
        bucketing.grow((((0.0, 1.0),),), weights=[0.5, 0.5], coverage=1.0)


@given(shares, coverages, coverages, st.floats(0, 0.5), st.lists(st.text(max_size=8), max_size=60))
def test_allotting_many_equals_allotting_one_by_one(weights, coverage, later, held_out, units):
    allotment = bucketing.grow(standard(weights, coverage), weights=weights[::-1], coverage=later)
    gates = (bucketing.Gate("layer", 0.1, 0.8), bucketing.Gate("holdout", held_out, 1.0))
    many = bucketing.allot_many(seed="s", units=units, allotment=allotment, gates=gates)
    assert many.tolist() == [bucketing.allot(seed="s", unit=unit, allotment=allotment, gates=gates) for unit in units]
