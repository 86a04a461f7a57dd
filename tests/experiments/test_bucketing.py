"""Assignment agrees with the public hash rules, one by one and vectorised."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import bucketing

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "bucketing.json").read_text(encoding="utf-8"))


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
    many = bucketing.assign_many(seed=case["seed"], units=units, weights=weights, coverage=coverage)
    assert many.tolist() == want


@given(st.text(max_size=12), st.lists(st.text(max_size=20), min_size=1, max_size=30))
def test_vectorised_buckets_equal_single_ones_for_any_text(seed, units):
    assert bucketing.buckets(seed=seed, units=units).tolist() == [bucketing.bucket(seed=seed, unit=u) for u in units]


def test_raising_coverage_moves_nobody_between_variants():
    units = [f"unit-{n}" for n in range(20_000)]
    half = bucketing.assign_many(seed="s", units=units, weights=[0.3, 0.7], coverage=0.5)
    full = bucketing.assign_many(seed="s", units=units, weights=[0.3, 0.7], coverage=1.0)
    inside = half >= 0
    assert np.array_equal(half[inside], full[inside])
    assert abs(inside.mean() - 0.5) < 0.02
