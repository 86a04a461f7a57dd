"""A plan that reads the results several times is analysed as it was planned."""

from dataclasses import replace

import pytest

from analytics.objections import TOO_FEW_UNITS, objections_to
from analytics.results import compute
from analytics.results.hint import hint_of
from analytics.results.plan import reading_of
from analytics.stats.designs import FixedHorizon
from analytics.stats.sequential import AlwaysValid, GroupSequential
from experiments.public import get_run_design

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(winner):
    """A run in which the treatment is clearly better."""
    return get_run_design("hero-discount")


def read(run, looks, planned):
    design = replace(run.design, looks=looks, planned_units=planned)
    return design, compute(replace(run, run_id=run.run_id, design=design))


def width(report):
    row = report.oec.comparisons[0]
    return row.high - row.low


@pytest.mark.parametrize(
    ("looks", "units", "reading"),
    [
        (1, 500, FixedHorizon()),
        (0, 500, AlwaysValid(tuning_units=2000, tuning_alpha=0.05)),
        (4, 0, FixedHorizon()),
        (4, 300, GroupSequential(fractions=(0.15,))),
        (4, 500, GroupSequential(fractions=(0.25,))),
        (4, 1100, GroupSequential(fractions=(0.25, 0.5, 0.55))),
        (4, 2500, GroupSequential(fractions=(0.25, 0.5, 0.75, 1.0), final=True)),
    ],
)
def test_reading_follows_the_planned_looks_and_the_units_so_far(run, looks, units, reading):
    design = replace(run.design, looks=looks, planned_units=2000)
    assert reading_of(design, units=units) == reading


def test_interval_of_a_plan_with_looks_is_wider_by_its_boundary(run, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    _, once = read(run, 1, run.design.planned_units)
    planned = once.units * 2
    _, at_looks = read(run, 4, planned)
    _, at_any_time = read(run, 0, planned)
    row = once.oec.comparisons[0]
    boundary = GroupSequential(fractions=(0.25, 0.5))
    wanted = float(boundary.critical(alpha=0.05, df=row.df, units=once.units, two_sided=True)) * row.standard_error
    assert width(at_looks) / 2 == pytest.approx(wanted, rel=1e-9)
    assert width(once) < width(at_looks)
    assert width(once) < width(at_any_time)


def test_boundary_that_is_crossed_early_is_no_peeking(run, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    design, report = read(run, 0, 8_000)
    assert report.oec.comparisons[0].improved
    assert hint_of(report, design).peeking == ""
    assert TOO_FEW_UNITS not in {objection.code for objection in objections_to("discount", report, design)}
    once, early = read(run, 1, 8_000)
    assert hint_of(early, once).peeking != ""
    assert TOO_FEW_UNITS in {objection.code for objection in objections_to("discount", early, once)}
