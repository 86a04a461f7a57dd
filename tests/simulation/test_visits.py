"""The visits of many at once are, one by one, what a single visitor decides."""

import numpy as np

from simulation import behaviour
from simulation.draws import Step, draws
from simulation.personas import DEFAULT_MIX, PERSONAS, shares
from simulation.visits import CATEGORY, visits
from tests.simulation.catalogues import CATALOGUE

SHOWN = {"home-hero-banner": {"discount_percent": 30}, "price-tag": {"show_original": True}}
COUNT = 20_000


def test_baskets_and_amounts_equal_those_of_single_visitors():
    numbers = draws(seed=5, first=0, count=COUNT)
    edges = behaviour.cumulated(shares(DEFAULT_MIX))
    who = [behaviour.persona_of(number, edges) for number in numbers[:, Step.PERSONA]]
    rows = [behaviour.chances(persona, SHOWN) for persona in PERSONAS]
    seen = visits(numbers=numbers, odds=behaviour.table(rows)[who], catalogue=CATALOGUE)
    carted = np.flatnonzero(seen.carted)
    assert len(carted) > 500
    for n in carted:
        menu = CATALOGUE.menus[seen.restaurants[n, seen.opened[n] - 1]]
        picked = behaviour.basket(numbers[n].tolist(), rows[who[n]], menu.prices, menu.minimum)
        filled = seen.dishes[n] >= 0
        assert picked == list(zip(seen.dishes[n][filled], seen.portions[n][filled], strict=True))
        subtotal = sum(menu.prices[item.dish] * item.portions for item in picked)
        assert subtotal >= menu.minimum
        assert seen.amount[n] == (subtotal + menu.fee if seen.ordered[n] else 0)


def test_a_visit_is_a_path_down_the_tree():
    numbers = draws(seed=6, first=0, count=COUNT)
    odds = behaviour.table([behaviour.chances(PERSONAS[3], {})])[np.zeros(COUNT, dtype=int)]
    seen = visits(numbers=numbers, odds=odds, catalogue=CATALOGUE)
    assert not (seen.opened[~seen.clicked] > 0).any()
    assert not (seen.carted & (seen.opened == 0)).any()
    assert not (seen.ordered & ~seen.carted).any()
    assert not (seen.refunded & ~seen.ordered).any()
    assert ((seen.tracked > 0) == seen.ordered).all()
    assert (seen.led == (seen.clicked & (seen.route <= CATEGORY))).all()
    assert (np.sort(seen.dishes, axis=1)[:, 1:] != np.sort(seen.dishes, axis=1)[:, :-1])[
        (seen.dishes >= 0).sum(axis=1) == 3
    ].all()
