"""What the shop can tell of simulated people: shares, the audience's mix, and the same over HTTP and in arrays."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from experiments.audiences.audience import set_audience
from experiments.models import Exposure, Unit
from experiments.public import get_run_design
from experiments.running import lifecycle
from simulation import bulk, history, overview, traits, truth
from simulation.behaviour import cumulated
from simulation.draws import Step, draws, unit_ids
from simulation.models import HistoryEvent
from simulation.personas import DEFAULT_MIX, PERSONAS, shares
from tests.simulation.catalogues import CATALOGUE
from tests.simulation.test_swarm import send, work_off

MOBILE = {"device": "mobile", "$or": [{"returning": True}, {"city": "seoul"}]}
START = datetime(2025, 3, 1, tzinfo=UTC)


def crowd(count, seed=4):
    numbers = draws(seed=seed, first=0, count=count)
    edges = cumulated(shares(DEFAULT_MIX))
    persona = np.minimum(np.searchsorted(edges, numbers[:, Step.PERSONA], side="right"), len(PERSONAS) - 1)
    return persona, traits.combinations(numbers, persona)


@pytest.fixture
def targeted(draft, analyst):
    set_audience(draft, MOBILE, actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    draft.refresh_from_db()
    return draft


def test_a_persona_of_a_combination_is_as_frequent_as_the_tables_say():
    persona, combination = crowd(60_000)
    for index in range(len(PERSONAS)):
        mine = combination[persona == index]
        want = traits._shares()[index]
        got = np.bincount(mine, minlength=len(traits.COMBINATIONS)) / len(mine)
        assert want.sum() == pytest.approx(1)
        error = np.abs(got - want) - 4.5 * np.sqrt(want * (1 - want) / len(mine)) - 4 / len(mine)
        assert error.max() < 0


def test_the_mix_of_an_audience_is_that_of_the_people_who_belong_to_it():
    persona, combination = crowd(60_000)
    inside = traits.matching(MOBILE)[combination]
    among = traits.audience_mix(DEFAULT_MIX, MOBILE)
    assert sum(among.values()) == pytest.approx(100)
    for index, who in enumerate(PERSONAS):
        want = among[who.key] / 100
        got = (persona[inside] == index).mean()
        assert abs(got - want) < 4.5 * math.sqrt(want * (1 - want) / inside.sum())
    assert among["impulsive"] > DEFAULT_MIX["impulsive"], "who buys on impulse holds a phone"


def test_the_mix_of_everybody_is_the_mix_and_that_of_nobody_none():
    assert traits.audience_mix(DEFAULT_MIX, {}) == DEFAULT_MIX
    assert traits.audience_mix(DEFAULT_MIX, {"plan": "pro"}) is None


def test_a_run_in_bulk_exposes_the_audience_only_and_its_metrics_are_the_audiences_truth(targeted):
    run = get_run_design(targeted.key)
    design = run.design
    bulk.run(
        run=run, visitors=20_000, seed=4, mix=DEFAULT_MIX, start=START,
        end=START + timedelta(days=7), catalogue=CATALOGUE,
    )  # fmt: skip
    _persona, combination = crowd(20_000)
    units = unit_ids(seed=4, first=0, count=20_000)
    inside = {units[place] for place in np.flatnonzero(traits.matching(MOBILE)[combination])}
    assert set(Exposure.objects.values_list("unit_id", flat=True)) == inside
    assert Unit.objects.count() == 20_000
    result = bulk.outcome(
        bulk.Crowd(4, 0, 20_000, DEFAULT_MIX, START, START + timedelta(days=7), CATALOGUE, {}), run, gates=()
    )
    among = traits.audience_mix(DEFAULT_MIX, MOBILE)
    for variant in design.variants:
        clicked = result.seen.clicked[result.variant == variant.position]
        want = truth.expected(
            metric="ctr", feature=design.feature, shown={design.feature: variant.value}, mix=among, catalogue=CATALOGUE
        )
        assert abs(clicked.mean() - want) < 4.5 * math.sqrt(want * (1 - want) / len(clicked))


def test_people_over_http_are_known_and_exposed_as_the_arrays_say(offered, targeted):
    launched = get_run_design(targeted.key)
    design = launched.design
    run = send(120)
    work_off(run)
    now = datetime.now(UTC)
    people = bulk.Crowd(run.seed, 0, 120, run.mix, now, now + timedelta(hours=1), offered, {})
    want = bulk.outcome(people, launched, gates=())
    known = dict(Unit.objects.values_list("unit_id", "attributes"))
    ordered = want.seen.ordered.tolist()
    assert known == {
        unit: traits.attributes(number, ordered=after)
        for unit, number, after in zip(want.units, want.combination.tolist(), ordered, strict=True)
    }
    shown = {exposure.unit_id: exposure.variant_id for exposure in Exposure.objects.all()}
    assert shown == {
        unit: design.variants[index].id
        for unit, index in zip(want.units, want.variant.tolist(), strict=True)
        if index >= 0
    }
    assert 0 < len(shown) < 120


def test_the_true_effects_shown_are_those_of_the_audience(targeted, open_shop):
    launched = get_run_design(targeted.key)
    among = traits.audience_mix(DEFAULT_MIX, MOBILE)
    found = overview.true_effects(launched, DEFAULT_MIX)
    control = launched.design.variants[0]
    want = truth.expected(
        metric="ctr", feature=launched.design.feature,
        shown={**overview.live_values(), launched.design.feature: control.value}, mix=among,
        catalogue=overview.catalogue(),
    )  # fmt: skip
    assert found[0].value == overview.written(want, "percent")


def test_the_history_describes_everybody_who_was_there(open_shop, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    history.make(seed=3, end=date(2025, 6, 1))
    units = set(HistoryEvent.objects.values_list("unit_id", flat=True))
    described = {unit.unit_id: unit for unit in Unit.objects.all()}
    assert set(described) == units
    for unit in list(units)[:50]:
        days = {moment.astimezone(history.timezone.get_default_timezone()).date() for moment in
                HistoryEvent.objects.filter(unit_id=unit).values_list("occurred_at", flat=True)}  # fmt: skip
        attributes = described[unit].attributes
        assert attributes["signup_age_days"] == (max(days) - min(days)).days
        assert attributes["returning"] is (len(days) > 1)
        bought = HistoryEvent.objects.filter(unit_id=unit, name="purchase").exists()
        assert (attributes["segment"] != "browser") is bought
    once = {unit: item.attributes for unit, item in described.items()}
    history.make(seed=3, end=date(2025, 6, 1))
    assert {unit.unit_id: unit.attributes for unit in Unit.objects.all()} == once
