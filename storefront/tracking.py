"""How far an order is: from its times and the clock alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

ACCEPTED_SHARE = 0.08
COOKING_SHARE = 0.45


class Step(IntEnum):
    """The stages of an order, in order."""

    ACCEPTED = 0
    COOKING = 1
    ON_THE_WAY = 2
    DELIVERED = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the order is.

    Attributes:
        minutes_left: Whole minutes to the door, rounded up.
        ride: Share of the driver's route that is done, 0 to 1.
        ride_seconds: How long the driver rides in all.
        ridden_seconds: How long the driver has been riding; negative before the start.
    """

    step: Step
    minutes_left: int
    ride: float
    ride_seconds: float
    ridden_seconds: float


def progress(*, placed_at: datetime, promised_at: datetime, now: datetime) -> Progress:
    """Return where the order is now."""
    whole = max((promised_at - placed_at).total_seconds(), 1.0)
    gone = (now - placed_at).total_seconds()
    share = gone / whole
    if share >= 1:
        step = Step.DELIVERED
    elif share >= COOKING_SHARE:
        step = Step.ON_THE_WAY
    else:
        step = Step.COOKING if share >= ACCEPTED_SHARE else Step.ACCEPTED
    ride_seconds = whole * (1 - COOKING_SHARE)
    ridden = gone - whole * COOKING_SHARE
    return Progress(
        step=step,
        minutes_left=max(-int(-(whole - gone) // 60), 0),
        ride=min(max(ridden / ride_seconds, 0.0), 1.0),
        ride_seconds=ride_seconds,
        ridden_seconds=ridden,
    )
