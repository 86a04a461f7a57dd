"""The five kinds of people who visit the shop, and what each is sensitive to.

``click`` is the share of the persona's visitors of the home page who click at least once (the hero, a category, a
restaurant or a search result) and ``buy`` the share of those who order, both while every feature has its default
value. All other figures split these two over the steps of a visit and say how a design moves them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taste:
    """What a persona is sensitive to, in log-odds of the step on which the component is seen.

    Attributes:
        discount: Gain for each 10 points of discount, up to 30.
        doubt: Loss for each 10 points of discount above 30: too good to be true.
        urgency: Gain for each urgent phrase, for the first two.
        pressure: Loss for each urgent phrase after the second.
        free: Gain where something is free.
        loud: Gain for loud colours, capitals and exclamation marks.
        picture: Gain for large pictures.
        dense: Gain for compact lists.
        speed: Gain for a prominent, precise arrival time.
        bargain: Gain for a struck-through original price.
        safety: Gain for reassuring words.
        action: Gain for a button that says what to do now.
        thrift: Loss of further dishes in the basket for each 10 points of discount above 10.
        regret: Rise of refunds for each urgent phrase.
    """

    discount: float
    doubt: float
    urgency: float
    pressure: float
    free: float
    loud: float
    picture: float
    dense: float
    speed: float
    bargain: float
    safety: float
    action: float
    thrift: float
    regret: float


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of visitor; all figures but ``share`` are probabilities at the features' default values.

    Attributes:
        key: Name in code, data and addresses.
        share: Share of the visitors in per cent, where the mix is not changed.
        click: Clicks at least once.
        buy: Orders, given a click.
        search: Uses the search box rather than the home page.
        hero: Clicks the hero first, given a click on the home page.
        category: Clicks a category first, given a click on the home page.
        listing: Opens a restaurant of the list that the hero or a category leads to.
        more: Looks at one more restaurant (asked at most twice).
        cart: Puts something in the cart of the last restaurant.
        dish: Adds one more dish (asked at most three times).
        portion: Adds one more portion of a dish (asked at most twice for each dish).
        refund: Asks for the money back, given an order.
        again: Looks at the order's tracking page a second time.
        taste: What moves them.
    """

    key: str
    share: int
    click: float
    buy: float
    search: float
    hero: float
    category: float
    listing: float
    more: float
    cart: float
    dish: float
    portion: float
    refund: float
    again: float
    taste: Taste

    @property
    def reach(self) -> float:
        """Return the probability of opening a restaurant, given a click, at default values."""
        led_to_list = self.hero + self.category
        return self.search + (1 - self.search) * (1 - led_to_list + led_to_list * self.listing)

    @property
    def checkout(self) -> float:
        """Return the probability of an order, given a cart, such that ``buy`` holds exactly."""
        return self.buy / (self.reach * self.cart)


PERSONAS: tuple[Persona, ...] = (
    Persona(
        key="window_shopper", share=40, click=0.50, buy=0.02,
        search=0.10, hero=0.20, category=0.30, listing=0.80, more=0.45,
        cart=0.08, dish=0.30, portion=0.15, refund=0.03, again=0.20,
        taste=Taste(discount=0.12, doubt=0.05, urgency=0.05, pressure=0.10, free=0.08, loud=0.02, picture=0.12,
                    dense=-0.08, speed=0.02, bargain=0.05, safety=0.00, action=0.03, thrift=0.05, regret=0.10),
    ),
    Persona(
        key="mission", share=10, click=0.15, buy=0.40,
        search=0.60, hero=0.05, category=0.35, listing=0.92, more=0.10,
        cart=0.62, dish=0.35, portion=0.20, refund=0.01, again=0.40,
        taste=Taste(discount=0.05, doubt=0.05, urgency=0.00, pressure=0.12, free=0.02, loud=-0.02, picture=-0.03,
                    dense=0.12, speed=0.22, bargain=0.00, safety=0.02, action=0.08, thrift=0.05, regret=0.05),
    ),
    Persona(
        key="calculator", share=20, click=0.20, buy=0.20,
        search=0.30, hero=0.20, category=0.30, listing=0.85, more=0.55,
        cart=0.45, dish=0.45, portion=0.30, refund=0.03, again=0.30,
        taste=Taste(discount=0.24, doubt=0.10, urgency=-0.03, pressure=0.15, free=0.15, loud=-0.05, picture=0.00,
                    dense=0.06, speed=0.05, bargain=0.25, safety=0.04, action=0.00, thrift=0.25, regret=0.10),
    ),
    Persona(
        key="impulsive", share=20, click=0.30, buy=0.25,
        search=0.10, hero=0.40, category=0.25, listing=0.88, more=0.20,
        cart=0.45, dish=0.50, portion=0.25, refund=0.06, again=0.35,
        taste=Taste(discount=0.18, doubt=0.00, urgency=0.20, pressure=0.05, free=0.10, loud=0.10, picture=0.12,
                    dense=-0.06, speed=0.12, bargain=0.12, safety=0.00, action=0.10, thrift=0.10, regret=0.30),
    ),
    Persona(
        key="cautious", share=10, click=0.08, buy=0.10,
        search=0.25, hero=0.10, category=0.35, listing=0.80, more=0.50,
        cart=0.30, dish=0.35, portion=0.15, refund=0.04, again=0.50,
        taste=Taste(discount=0.05, doubt=0.30, urgency=-0.15, pressure=0.30, free=0.04, loud=-0.30, picture=0.02,
                    dense=0.00, speed=0.06, bargain=-0.10, safety=0.25, action=-0.05, thrift=0.10, regret=0.30),
    ),
)  # fmt: skip

BY_KEY: dict[str, Persona] = {persona.key: persona for persona in PERSONAS}
DEFAULT_MIX: dict[str, int] = {persona.key: persona.share for persona in PERSONAS}


class BadMixError(ValueError):
    """A mix that names an unknown persona, has a negative share or does not sum to 100."""


def shares(mix: Mapping[str, float]) -> tuple[float, ...]:
    """Return each persona's share of the visitors in 0..1, in the order of ``PERSONAS``.

    Args:
        mix: Per cent by persona key; a persona left out has none.

    Raises:
        BadMixError: For an unknown persona, a share outside 0..100, or shares that do not sum to 100.

    >>> shares({"mission": 25, "cautious": 75})
    (0.0, 0.25, 0.0, 0.0, 0.75)
    """
    unknown = sorted(set(mix) - set(BY_KEY))
    if unknown:
        raise BadMixError(f"There is no persona {unknown[0]!r}.")
    given = [mix.get(persona.key, 0) for persona in PERSONAS]
    if not all(0 <= value <= 100 for value in given):
        raise BadMixError("Each share must be from 0 to 100 per cent.")
    values = [float(value) for value in given]
    if abs(sum(values) - 100) > 1e-6:
        raise BadMixError(f"The shares sum to {sum(values):g} per cent, not to 100.")
    return tuple(value / 100 for value in values)
