from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novarium.portal.intervals import axis_for, place

finite = st.floats(min_value=-100, max_value=100)


def test_a_symmetric_interval_lies_around_the_middle():
    plot = place(point=0.0, low=-0.5, high=0.5, axis=1.0)
    assert (plot.left, plot.width, plot.point, plot.zero) == (25.0, 50.0, 50.0, 50.0)
    assert not plot.cut_low
    assert not plot.cut_high


def test_an_open_end_runs_off_the_axis():
    plot = place(point=0.1, low=None, high=0.5, axis=1.0)
    assert plot.cut_low
    assert plot.left == 0.0
    assert plot.width == 75.0


def test_what_lies_outside_the_axis_is_cut_and_not_moved():
    plot = place(point=3.0, low=0.5, high=4.0, axis=1.0, margin=-2.0)
    assert plot.cut_high
    assert plot.point is None
    assert plot.margin is None


def test_impossible_intervals_are_refused():
    with pytest.raises(ValueError, match="axis"):
        place(point=0, low=0, high=0, axis=0)
    with pytest.raises(ValueError, match="low"):
        place(point=0, low=1, high=0, axis=1)


@given(finite, finite, finite)
def test_everything_fits_on_its_own_axis(one, two, three):
    low, point, high = sorted((one, two, three))
    plot = place(point=point, low=low, high=high, axis=axis_for(low, point, high))
    assert not plot.cut_low
    assert not plot.cut_high
    assert 0 <= plot.left <= plot.point + 0.001 <= plot.left + plot.width + 0.002 <= 100.002


def test_an_axis_without_known_bounds_still_has_a_width():
    assert axis_for(None, None) > 0
    assert axis_for(0.0) > 0
