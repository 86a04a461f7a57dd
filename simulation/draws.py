"""Random numbers by visitor and named step: the same whatever the order, the batch or the number of processes.

Philox is counter-based (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): block *i* of a key can
be computed without the blocks before it. A run's seed is the key and visitor *n* owns the blocks from
``n * BLOCKS`` on, so one visitor's numbers and a matrix for a million of them are the same numbers. Each step of a
visit reads its own column; a step that reads one more number takes none from another.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum, auto

import numpy as np
from numpy.typing import NDArray

BLOCKS = 12
WIDTH = 4 * BLOCKS  # Philox gives four 64-bit numbers a block
_STREAM = 0x4E6F7661  # sets these streams apart from other uses of the same seed
_TO_UNIT = 2.0**-53


class Step(IntEnum):
    """The columns; never reorder or remove one, or every seed tells another story."""

    PERSONA = 0
    ARRIVAL = auto()
    SEARCHES = auto()
    QUERY = auto()
    CLICK = auto()
    TARGET = auto()
    CATEGORY = auto()
    LISTING = auto()
    RESTAURANT_1 = auto()
    RESTAURANT_2 = auto()
    RESTAURANT_3 = auto()
    MORE_1 = auto()
    MORE_2 = auto()
    CART = auto()
    DISHES = auto()
    DISH_1 = auto()
    DISH_2 = auto()
    DISH_3 = auto()
    PORTIONS_1 = auto()
    PORTIONS_2 = auto()
    PORTIONS_3 = auto()
    CHECKOUT = auto()
    AGAIN = auto()
    REFUND = auto()
    PAUSE_1 = auto()
    PAUSE_2 = auto()
    PAUSE_3 = auto()
    PAUSE_4 = auto()
    PAUSE_5 = auto()
    PAUSE_6 = auto()
    PAUSE_7 = auto()
    PAUSE_8 = auto()
    DEVICE = auto()
    LANGUAGE = auto()
    CITY = auto()
    PAST = auto()


def draws(*, seed: int, first: int, count: int) -> NDArray[np.float64]:
    """Return the uniform numbers of visitors ``first`` to ``first + count - 1``.

    Args:
        seed: The run's seed, 0 or more, below 2**64.
        first: The first visitor's number, 0 or more.
        count: How many visitors.

    Returns:
        Shape (count, WIDTH), in [0, 1).

    >>> bool((draws(seed=7, first=0, count=9)[5] == draws(seed=7, first=5, count=1)[0]).all())
    True
    """
    if not 0 <= seed < 2**64 or first < 0 or count < 0:
        raise ValueError("A seed is from 0 to 2**64 - 1; visitors are counted from 0.")
    start = first * BLOCKS
    counter = np.array([start & (2**64 - 1), start >> 64, 0, 0], dtype=np.uint64)
    key = np.array([seed, _STREAM], dtype=np.uint64)
    raw = np.random.Philox(counter=counter, key=key).random_raw(count * WIDTH)
    matrix: NDArray[np.float64] = (raw >> np.uint64(11)).astype(np.float64) * _TO_UNIT
    return matrix.reshape(count, WIDTH)


def unit_ids(*, seed: int, first: int, count: int) -> list[str]:
    """Return the visitors' unit ids: 32 hexadecimal characters each, a function of (seed, number) alone.

    >>> unit_ids(seed=7, first=3, count=1) == unit_ids(seed=7, first=0, count=4)[3:]
    True
    """
    key = seed.to_bytes(8, "big")
    return [
        hashlib.blake2b(number.to_bytes(8, "big"), digest_size=16, key=key).hexdigest()
        for number in range(first, first + count)
    ]
