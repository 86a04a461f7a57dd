"""What the API tells, as frozen dataclasses. What a newer server tells beyond them is kept in ``more``."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar, cast

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """An arm; the weight in per cent."""

    key: str
    name: str
    position: int
    weight: float
    value: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """An experiment; the design's fields are filled by ``experiments.get`` only.

    Attributes:
        status: ``draft``, ``running``, ``paused``, ``stopped`` or ``decided``.
        served: ``value_type``, ``enabled`` and ``targets`` of its feature.
        etag: State of what was read; ``experiments.change`` sends it back.
    """

    key: str
    name: str
    status: str
    team: str
    owner: str
    feature: str
    oec: str | None
    run_number: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    who: str = ""
    what: str = ""
    why: str = ""
    expected_impact: str = ""
    mde: float | None = None
    alpha: float | None = None
    power: float | None = None
    coverage: float | None = None
    planned_units: int | None = None
    planned_days: int | None = None
    variants: tuple[Variant, ...] = ()
    guardrails: tuple[dict[str, Any], ...] = ()
    served: dict[str, Any] = field(default_factory=dict)
    etag: str = field(default="", repr=False)
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature with its live value.

    Attributes:
        value_type: ``object``, or that of the one parameter that is served by itself.
        enabled: Switched off, neither targeted values nor experiments are served.
        targets: Condition, value and note of each targeted value, in the order in which they are tried.
        etag: State of what was read; ``features.change`` sends it back.
    """

    key: str
    name: str
    surface: str
    component: str
    description: str
    team: str
    parameters: tuple[dict[str, Any], ...]
    revision: int
    value: dict[str, Any]
    value_type: str = "object"
    enabled: bool = True
    targets: tuple[dict[str, Any], ...] = ()
    etag: str = field(default="", repr=False)
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A default value of a feature."""

    number: int
    value: dict[str, Any]
    origin: str
    note: str
    created_at: datetime
    reinstates: int | None = None
    experiment: str | None = None
    author: str | None = None
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric's definition; the parts that only some types have are in ``more``."""

    key: str
    name: str
    description: str
    type: str
    direction: str
    unit: str
    team: str
    etag: str = field(default="", repr=False)
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A variant's value that became what everybody sees."""

    id: int
    feature: str
    revision: int
    replaced_revision: int
    experiment: str
    run: int
    variant: str
    note: str
    adopted_at: datetime
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many units and days an experiment needs, or what is found in given weeks.

    Attributes:
        asked: What it was worked out from, what followed filled in.
        plan: Units by arm and in all, effect, power, days, and the curves; ``reason`` where there is no number.
        in_words: The trade in a sentence.
        guardrails: Their power, and
        alternatives: the plan with one thing changed; both only where they were asked for.
    """

    asked: dict[str, Any]
    plan: dict[str, Any]
    in_words: str
    guardrails: tuple[dict[str, Any], ...] = ()
    alternatives: tuple[dict[str, Any], ...] = ()
    more: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def total(self) -> int | None:
        """Units in all."""
        return cast("int | None", self.plan["total"])

    @property
    def days(self) -> int | None:
        """Whole weeks in days until they have come."""
        return cast("int | None", self.plan["days"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A product's connection; ``key`` is filled only by what made or rolled it."""

    id: int
    name: str
    team: str
    kind: str
    key_prefix: str
    scopes: tuple[str, ...]
    origins: tuple[str, ...]
    per_minute: int
    state: str
    key: str = field(default="", repr=False)
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one event: ``stored``, ``duplicate`` or ``rejected`` with a reason."""

    event_id: str
    status: str
    reason: str = ""
    detail: str = ""
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What became of a batch, event by event in the order they were sent."""

    stored: int
    duplicate: int
    rejected: int
    receipts: tuple[Receipt, ...] = ()
    more: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a unit gets for a flag; ``value`` is None where the code's own default counts."""

    key: str
    reason: str
    value: Any = None
    variant: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict, repr=False)


def record(kind: type[Record], told: Mapping[str, Any], **also: Any) -> Record:
    """Return the record that the API told.

    >>> record(Receipt, {"event_id": "1", "status": "stored", "new": True}).more
    {'new': True}
    """
    hints = typing.get_type_hints(kind)
    names = {item.name for item in fields(kind)} - {"more"}  # type: ignore[arg-type]  # a dataclass
    known = {name: _typed(hints[name], value) for name, value in told.items() if name in names}
    more = {name: value for name, value in told.items() if name not in names}
    return cast(Callable[..., Record], kind)(**known, **also, more=more)


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if kind is datetime or datetime in typing.get_args(kind):
        return datetime.fromisoformat(value)
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        return tuple(record(inner, item) if hasattr(inner, "__dataclass_fields__") else item for item in value)
    return value
