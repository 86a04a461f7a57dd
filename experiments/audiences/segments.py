"""The CRM segments, by the rule of the warehouse's ``user_stats``. Pure."""

from __future__ import annotations

RECENT_DAYS, AT_RISK_DAYS = 30, 60
CHAMPION_ORDERS, LOYAL_ORDERS = 5, 2


def segment_of(*, orders: int, days_since: int) -> str:
    """Return a visitor's segment.

    Args:
        orders: Orders so far.
        days_since: Days since the last of them; of no meaning without one.

    >>> segment_of(orders=3, days_since=31)
    'at_risk'
    """
    if not orders:
        return "browser"
    if days_since > RECENT_DAYS:
        return "lost" if days_since > AT_RISK_DAYS else "at_risk"
    if orders >= CHAMPION_ORDERS:
        return "champion"
    return "loyal" if orders >= LOYAL_ORDERS else "new"
