"""A visitor's numbers depend on the seed and the visitor alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.draws import WIDTH, Step, draws, unit_ids


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40), st.integers(0, 20))
def test_one_visitor_alone_has_the_same_numbers_as_in_a_batch(seed, first, place):
    batch = draws(seed=seed, first=first, count=21)
    assert np.array_equal(batch[place], draws(seed=seed, first=first + place, count=1)[0])


def test_numbers_are_pinned_for_good():
    assert draws(seed=1, first=2, count=1)[0, : Step.SEARCHES + 1].round(12).tolist() == PINNED


PINNED = [0.296660383034, 0.594370352073, 0.397077891333]


def test_numbers_are_uniform_and_uncorrelated_between_steps_and_visitors():
    numbers = draws(seed=3, first=0, count=50_000)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert np.abs(numbers.mean(axis=0) - 0.5).max() < 4.5 * np.sqrt(1 / 12 / 50_000)
    correlation = np.corrcoef(numbers.T) - np.eye(WIDTH)
    assert np.abs(correlation).max() < 5 / np.sqrt(50_000)
    assert abs(np.corrcoef(numbers[:-1, 0], numbers[1:, 0])[0, 1]) < 4.5 / np.sqrt(50_000)


def test_every_step_has_a_column():
    assert sorted(Step) == list(range(len(Step)))
    assert len(Step) <= WIDTH


def test_unit_ids_are_distinct_and_differ_by_seed():
    ids = unit_ids(seed=1, first=0, count=1000) + unit_ids(seed=2, first=0, count=1000)
    assert len(set(ids)) == 2000
    assert all(len(unit) == 32 and int(unit, 16) >= 0 for unit in ids)


@pytest.mark.parametrize(("seed", "first"), [(-1, 0), (2**64, 0), (0, -1)])
def test_bad_seeds_and_visitors_are_refused(seed, first):
    with pytest.raises(ValueError, match="seed"):
        draws(seed=seed, first=first, count=1)
