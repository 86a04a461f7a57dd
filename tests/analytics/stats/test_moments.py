"""Moments from every source agree, add, subtract, and stay exact where raw sums would not."""

import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.stats import Grouping, Metric, Moments, Reason, StatisticsError, estimate_arms, layout_of
from analytics.stats.reasons import reasons_of

RNG = np.random.default_rng(20260101)
VALUES = RNG.normal(3, 2, 200)
COVARIATE = VALUES + RNG.normal(0, 1, 200)


def assert_same(left: Moments, right: Moments, rel: float = 1e-12) -> None:
    assert left.columns == right.columns
    np.testing.assert_array_equal(left.count, right.count)
    np.testing.assert_allclose(left.mean, right.mean, rtol=rel)
    np.testing.assert_allclose(left.comoment, right.comoment, rtol=rel, atol=rel)


def test_from_arrays_agrees_with_numpy():
    moments = Moments.from_arrays(y=VALUES, x=COVARIATE)
    np.testing.assert_allclose(moments.covariance(), np.cov(VALUES, COVARIATE))


def test_every_source_gives_the_same():
    expected = Moments.from_arrays(y=VALUES, x=COVARIATE)
    products = {("y", "y"): VALUES @ VALUES, ("x", "x"): COVARIATE @ COVARIATE, ("x", "y"): VALUES @ COVARIATE}
    sums = {"y": VALUES.sum(), "x": COVARIATE.sum()}
    assert_same(Moments.from_sums(count=200, sums=sums, products=products), expected, 1e-10)
    grouped = Moments.from_groups(group=np.arange(200) % 3, groups=4, y=VALUES, x=COVARIATE)
    assert grouped.count[3] == 0
    assert_same(grouped.pooled(), expected)
    assert_same(grouped.pooled(axis=(0,)), expected)
    centred = Moments.from_centred(columns=("y", "x"), count=200, mean=expected.mean, comoment=expected.comoment)
    assert_same(centred, expected)


def test_counts_are_zeros_and_ones():
    outcome = np.repeat([1.0, 0.0], [30, 70])
    assert_same(Moments.from_counts(count=100, successes=30), Moments.from_arrays(value=outcome))
    assert Moments.from_counts(count=0, successes=0).mean.tolist() == [0.0]


@pytest.mark.parametrize("kind", [int, Decimal, Fraction])
def test_exact_sums_keep_a_variance_that_floats_lose(kind):
    # Mean 1e9, standard deviation 1, ten million units.
    n, mean = 10**7, 10**9
    sums = {"y": np.array([kind(n * mean)], dtype=object)}
    products = {("y", "y"): np.array([kind(n * mean * mean + n - 1)], dtype=object)}
    moments = Moments.from_sums(count=[n], sums=sums, products=products)
    assert moments.covariance()[0, 0, 0] == pytest.approx(1.0, rel=1e-12)
    assert moments.mean[0, 0] == mean


def test_float_sums_that_lost_the_variance_say_so():
    n, mean = 1e7, 1e9
    moments = Moments.from_sums(
        count=[n], sums={"value": [n * mean]}, products={("value", "value"): [n * mean**2 * (1 + 3e-16)]}
    )
    assert np.isnan(moments.comoment).all()
    arm = estimate_arms(moments=moments, layout=layout_of(Metric(name="m")))
    assert reasons_of(arm.reason) == (Reason.PRECISION_LOST,)


def test_shifted_sums_keep_the_variance():
    n, shift = 10**7, 1e9
    moments = Moments.from_sums(count=[n], sums={"y": [0.0]}, products={("y", "y"): [float(n - 1)]}, shift={"y": shift})
    assert moments.mean[0, 0] == shift
    assert moments.covariance()[0, 0, 0] == pytest.approx(1.0, rel=1e-12)


def test_large_means_survive_merging_ten_million_units():
    rng = np.random.default_rng(3)
    total = None
    chunk = rng.normal(0, 1, 10**5)
    chunk = (chunk - chunk.mean()) / chunk.std()
    block = Moments.from_arrays(y=chunk + 1e9)
    for _ in range(100):
        total = block if total is None else total + block
    assert total.count == 10**7
    # Adding 1e9 rounds each value to 1.2e-7, so the variance is known to about 1e-7.
    assert total.covariance(ddof=0)[0, 0] == pytest.approx(1.0, rel=1e-6)


def test_a_changed_value_is_a_subtraction_and_an_addition():
    running = Moments.from_arrays(y=VALUES, x=COVARIATE)
    old = Moments.from_arrays(y=VALUES[:1], x=COVARIATE[:1])
    new = Moments.from_arrays(y=[7.0], x=COVARIATE[:1])
    changed = VALUES.copy()
    changed[0] = 7.0
    assert_same(running - old + new, Moments.from_arrays(y=changed, x=COVARIATE))


def test_ten_thousand_changes_stay_exact():
    values = RNG.normal(100, 1, 500)
    running = Moments.from_arrays(y=values)
    for step in range(10_000):
        at, fresh = step % 500, RNG.normal(100, 1)
        running = running - Moments.from_arrays(y=values[at : at + 1]) + Moments.from_arrays(y=[fresh])
        values[at] = fresh
    assert_same(running, Moments.from_arrays(y=values), 1e-10)


def test_subtracting_everything_leaves_nothing():
    everything = Moments.from_arrays(y=VALUES)
    empty = everything - everything
    assert (empty.count, empty.mean.tolist(), empty.comoment.tolist()) == (0, [0.0], [[0.0]])
    assert_same(empty + everything, everything)
    assert_same(everything + empty, everything)


def test_subtracting_down_to_a_constant_leaves_no_spread():
    constant = Moments.from_arrays(y=[5.0, 5.0, 5.0])
    left = constant + Moments.from_arrays(y=VALUES) - Moments.from_arrays(y=VALUES)
    assert left.comoment.tolist() == [[0.0]]


def test_a_constant_column_has_no_spread_whatever_its_value():
    moments = Moments.from_arrays(y=np.full(1000, 0.1), x=np.arange(1000.0))
    assert moments.comoment[0].tolist() == [0.0, 0.0]
    grouped = Moments.from_groups(group=np.zeros(1000, dtype=int), groups=1, y=np.full(1000, 1e9 / 3))
    assert grouped.comoment.ravel().tolist() == [0.0]


def test_the_same_data_gives_the_same_bits_on_every_run():
    rng = np.random.default_rng(9)
    group, values = rng.integers(0, 3, 300_000), rng.lognormal(3, 2, 300_000)
    first = Moments.from_groups(group=group, groups=3, y=values, x=values * rng.normal(size=values.size))
    grouping = Grouping.of(group=group, groups=3)
    rng = np.random.default_rng(9)
    rng.integers(0, 3, 300_000), rng.lognormal(3, 2, 300_000)
    again = Moments.from_grouping(grouping=grouping, y=values, x=values * rng.normal(size=values.size))
    assert first.mean.tobytes() == again.mean.tobytes()
    assert first.comoment.tobytes() == again.comoment.tobytes()
    np.testing.assert_allclose(first.mean[0, 0], values[group == 0].mean(), rtol=1e-12)


@given(
    data=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=30),
    cuts=st.lists(st.integers(0, 30), min_size=1, max_size=4),
)
def test_any_split_adds_up_to_the_whole(data, cuts):
    edges = [0, *sorted(min(c, len(data)) for c in cuts), len(data)]
    parts = [Moments.from_arrays(y=data[a:b]) for a, b in itertools.pairwise(edges)]
    whole = Moments.from_arrays(y=data)
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    scale = max(abs(v) for v in data) ** 2 * len(data) * 1e-12
    np.testing.assert_allclose(total.comoment, whole.comoment, rtol=1e-9, atol=scale)
    np.testing.assert_allclose(Moments.stack(parts).pooled().comoment, whole.comoment, rtol=1e-9, atol=scale)


def test_columns_can_be_chosen_and_named():
    moments = Moments.from_arrays(y=VALUES, x=COVARIATE)
    chosen = moments.select("x", "y")
    assert chosen.columns == ("x", "y")
    assert chosen.comoment[0, 0] == moments.comoment[1, 1]
    assert moments.select("y", "x") is moments
    assert moments.renamed(x="before").columns == ("y", "before")


def test_batches_are_indexed_and_reshaped():
    moments = Moments.from_groups(group=np.arange(200) % 6, groups=6, y=VALUES)
    table = moments.reshape(3, 2)
    assert table[1].shape == (2,)
    assert table[1, 0].mean.tolist() == moments.mean[2].tolist()
    assert table[..., 1].count.tolist() == moments.count[1::2].tolist()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Moments.from_arrays, "at least one column"),
        (lambda: Moments.from_centred(columns=("y", "y"), count=1, mean=[0, 0], comoment=np.zeros((2, 2))), "repeat"),
        (lambda: Moments.from_centred(columns=("y",), count=1, mean=[0, 0], comoment=[[0]]), "shapes disagree"),
        (
            lambda: Moments.from_sums(count=1, sums={"y": 1.0, "x": 1.0}, products={("y", "y"): 1.0, ("x", "x"): 1.0}),
            "is missing",
        ),
        (lambda: Moments.from_arrays(y=[1.0]) + Moments.from_arrays(x=[1.0]), "columns differ"),
        (lambda: Moments.from_arrays(y=[1.0]) - Moments.from_arrays(y=[1.0, 2.0]), "more units are subtracted"),
        (lambda: Moments.from_arrays(y=[1.0]).select("z"), "no column 'z'"),
        (lambda: Moments.stack([]), "nothing to stack"),
        (lambda: Moments.from_groups(group=[0, 2], groups=2, y=[1.0, 2.0]), "group numbers lie between 0 and 1"),
        (lambda: Moments.from_groups(group=[0, 1], groups=2, y=[1.0]), "'y' has 1 values for 2 units"),
        (lambda: Moments.from_groups(group=[0, 1], groups=2), "at least one column"),
    ],
)
def test_wrong_inputs_are_named(wrong, message):
    with pytest.raises(StatisticsError, match=message):
        wrong()
