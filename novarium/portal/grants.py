"""What a key allows a program to do: the plain value that every door of the API checks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the bearer of a connection's key or of a personal token may do.

    Attributes:
        kind: ``connection`` or ``token``.
        id: Of the connection or token, for its last use and its rate.
        team_id: Team of a connection; None for a personal token.
        scopes: Among ``read``, ``manage``, ``ingest`` and ``evaluate``.
        origins: Web origins (``https://shop.example``, or ``*``) whose pages may call; empty: none.
        per_minute: How many calls a minute are answered.
        logs_exposures: Whether an evaluation that an experiment decided is stored as an exposure.
        is_public: Whether web pages carry the key, so that anybody reads what it is answered.
        expires_at: From then on it is refused.
    """

    kind: str
    id: str
    name: str
    team_id: int | None
    scopes: frozenset[str]
    origins: tuple[str, ...] = ()
    per_minute: int = 600
    logs_exposures: bool = False
    is_public: bool = False
    expires_at: datetime | None = None
