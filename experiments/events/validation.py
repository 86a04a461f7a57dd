"""Check received events against the event catalogue. Pure, and tuned: it runs for every event of every batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from experiments.audiences.attributes import attribute_fault
from experiments.catalogue.events import EVENT_TYPES, MAX_AMOUNT, EventKind, Property
from experiments.events.ids import milliseconds_of, read_event_id
from experiments.events.unreadable import storable

MAX_AHEAD = timedelta(minutes=5)
MAX_AGE = timedelta(days=90)
MAX_UNIT = 64
MAX_TEXT = 200
MAX_INTEGER = 2**53 - 1  # what every JSON reader keeps exactly
SMALLEST_AMOUNT = Decimal("0.01")
EXPOSURE = "exposure"

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = frozenset({"event_id", "name", "unit_id", "occurred_at", "amount", "properties", "attributes"})
_NO_PROPERTIES: dict[str, Any] = {}
_MAX_WHOLE_AMOUNT = int(MAX_AMOUNT)


class ParsedEvent(NamedTuple):
    """An event that may be stored.

    Attributes:
        id: The 16 bytes of the event id.
        event_id: The event id as it was sent.
        id_time: The time in a UUIDv7, in milliseconds since 1970; else None.
        at: When it happened, in milliseconds since 1970.
        cents: The amount in hundredths, or None.
        properties: The properties as JSON.
        attributes: What is said of the unit, or None.
    """

    id: bytes
    event_id: str
    id_time: int | None
    name: str
    unit_id: str
    at: int
    cents: int | None
    properties: bytes
    attributes: Mapping[str, Any] | None


class ParsedExposure(NamedTuple):
    """A unit saw a variant of a live run; ``at`` in milliseconds since 1970."""

    event_id: str
    run_id: int
    unit_id: str
    variant_id: int
    at: int
    attributes: Mapping[str, Any] | None

    @property
    def key(self) -> tuple[int, str, int]:
        """Return what an exposure is stored once by."""
        return (self.run_id, self.unit_id, self.variant_id)


class EventFault(Exception):
    """Why an event was refused: ``reason`` is a word for programs, the message a sentence for people."""

    def __init__(self, reason: str, message: str, payload: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.payload = storable(payload)
        found = payload.get("event_id") if isinstance(payload, Mapping) else None
        self.event_id = str(found)[:64].encode("utf-8", "backslashreplace").decode() if found is not None else ""


@dataclass(frozen=True, slots=True)
class LiveArm:
    """A variant of a running or paused run; ``started`` in milliseconds since 1970."""

    run_id: int
    variant_id: int
    started: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRuns:
    """Which variants can be seen just now: arms by variant key, of experiments and of the experiments of features."""

    experiments: Mapping[str, Mapping[str, LiveArm]] = field(default_factory=dict)
    features: Mapping[str, tuple[Mapping[str, LiveArm], ...]] = field(default_factory=dict)


class Rejection(Exception):
    """What is wrong with an event, before it is known which one it is."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class _Rules:
    """A kind of event, prepared for checking."""

    kind: EventKind
    required: frozenset[str]
    checks: Mapping[str, Check]


class Validator:
    """Checks events against one state of the catalogue."""

    def __init__(self, kinds: Mapping[str, EventKind] = EVENT_TYPES, runs: LiveRuns | None = None) -> None:
        self._rules = {name: _rules(kind) for name, kind in kinds.items()}
        self._runs = runs or LiveRuns()

    def parse(self, payload: object, *, earliest: int, latest: int) -> ParsedEvent | ParsedExposure:
        """Return the event with its types; ``earliest`` and ``latest`` bound its time, see ``time_bounds``.

        Raises:
            EventFault: naming what is wrong.
        """
        try:
            return self._parse(payload, earliest, latest)
        except Rejection as wrong:
            raise EventFault(wrong.reason, str(wrong), payload) from None

    def _parse(self, payload: object, earliest: int, latest: int) -> ParsedEvent | ParsedExposure:
        if not isinstance(payload, dict):
            raise Rejection("not_an_object", "An event is a JSON object.")
        get = payload.get
        if not payload.keys() <= _FIELDS:
            unknown = sorted(str(name) for name in payload if name not in _FIELDS)
            raise Rejection("unknown_field", f"Unknown field: {unknown[0][:40]!r}.")
        name = get("name")
        if name == EXPOSURE:
            return self._exposure(payload, earliest, latest)
        rules = self._rules.get(name) if isinstance(name, str) else None
        if rules is None:
            raise Rejection("unknown_event", f"There is no event named {str(name or '')[:40]!r}.")
        event_id = get("event_id")
        raw = read_event_id(event_id)
        if raw is None:
            raise _bad_id(event_id)
        unit = _unit(get("unit_id"))
        id_time = milliseconds_of(raw)
        at = _time(get("occurred_at"), id_time, earliest, latest)
        cents = _cents(get("amount"), rules.kind)
        properties = _properties(get("properties", _NO_PROPERTIES), rules)
        attributes = get("attributes")
        if attributes is not None:
            _check_attributes(attributes)
        return ParsedEvent(raw, str(event_id), id_time, rules.kind.name, unit, at, cents, properties, attributes)

    def _exposure(self, payload: dict[str, Any], earliest: int, latest: int) -> ParsedExposure:
        event_id = payload.get("event_id")
        raw = read_event_id(event_id)
        if raw is None and event_id is not None:
            raise _bad_id(event_id)
        unit = _unit(payload.get("unit_id"))
        if payload.get("amount") is not None:
            raise Rejection("unexpected_amount", "An exposure has no amount.")
        said = payload.get("occurred_at")
        # An exposure counts once, the first time; without any time it happened when it was reported.
        reported = latest - MAX_AHEAD // _MILLISECOND
        at = _time(said, (milliseconds_of(raw) if raw else None) or reported, earliest, latest)
        arm = self._arm(payload.get("properties"))
        if at < arm.started - MAX_AHEAD // _MILLISECOND:
            raise Rejection("before_launch", "The exposure lies before the launch of the running experiment.")
        attributes = payload.get("attributes")
        if attributes is not None:
            _check_attributes(attributes)
        return ParsedExposure(event_id or "", arm.run_id, unit, arm.variant_id, max(at, arm.started), attributes)

    def _arm(self, said: object) -> LiveArm:
        experiment, feature, variant = _exposure_names(said)
        if experiment is not None:
            arms = self._runs.experiments.get(experiment)
            if arms is None:
                raise Rejection(
                    "unknown_experiment", f"No running or paused experiment has the key {experiment[:60]!r}."
                )
        else:
            arms = self._arms_of_feature(str(feature), variant)
        arm = arms.get(variant)
        if arm is None:
            raise Rejection("unknown_variant", f"The experiment has no variant {variant[:40]!r}.")
        return arm

    def _arms_of_feature(self, feature: str, variant: str) -> Mapping[str, LiveArm]:
        candidates = self._runs.features.get(feature, ())
        if not candidates:
            raise Rejection(
                "unknown_experiment", f"No running or paused experiment tests the feature {feature[:60]!r}."
            )
        having = [arms for arms in candidates if variant in arms]
        if len(having) > 1:
            raise Rejection(
                "ambiguous_feature",
                "Several experiments run on the feature: name the experiment instead of the feature.",
            )
        return having[0] if having else candidates[0]


def time_bounds(now: datetime) -> tuple[int, int]:
    """Return the earliest and latest time that is accepted, in milliseconds since 1970."""
    at = (now - _EPOCH) // _MILLISECOND
    return at - MAX_AGE // _MILLISECOND, at + MAX_AHEAD // _MILLISECOND


def _rules(kind: EventKind) -> _Rules:
    return _Rules(
        kind=kind,
        required=frozenset(item.name for item in kind.properties if item.required),
        checks={item.name: CHECKS[item.type] for item in kind.properties},
    )


def _bad_id(value: object) -> Rejection:
    if value is None:
        return Rejection(
            "missing_event_id",
            "event_id is missing. Make a UUID for each event (version 7 is best), and send the same one in a retry.",
        )
    return Rejection("bad_event_id", "event_id must be a UUID.")


def _unit(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_UNIT or not value.isprintable():
        raise Rejection("bad_unit_id", f"unit_id must be a text of 1 to {MAX_UNIT} printable characters.")
    return value


def _time(value: object, otherwise: int | None, earliest: int, latest: int) -> int:
    at = otherwise if value is None else _milliseconds(value)
    if at is None:
        raise Rejection("missing_time", "occurred_at is missing and event_id is no UUIDv7 that carries it.")
    if at > latest:
        raise Rejection("future_time", "occurred_at lies in the future.")
    if at < earliest:
        raise Rejection("old_time", f"occurred_at lies more than {MAX_AGE.days} days back.")
    return at


def _milliseconds(value: object) -> int:
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if at.tzinfo is not None:
                return (at - _EPOCH) // _MILLISECOND
    raise Rejection("bad_time", "occurred_at must be an ISO 8601 time with its zone.")


def _cents(value: object, kind: EventKind) -> int | None:
    if not kind.amount:
        if value is not None:
            raise Rejection("unexpected_amount", f"A {kind.name} event has no amount.")
        return None
    if type(value) is int and 0 < value <= _MAX_WHOLE_AMOUNT:
        return value * 100
    return int(_amount(value).scaleb(2))


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Rejection("bad_amount", "amount must be a number.") from None
    if isinstance(value, bool) or not amount.is_finite():
        raise Rejection("bad_amount", "amount must be a number.")
    if amount < SMALLEST_AMOUNT:
        raise Rejection("bad_amount", f"amount must be at least {SMALLEST_AMOUNT}.")
    if amount > MAX_AMOUNT:
        raise Rejection("absurd_amount", f"amount must not be above {MAX_AMOUNT:,}.")
    return amount.quantize(SMALLEST_AMOUNT)


def _properties(value: object, rules: _Rules) -> bytes:
    if not isinstance(value, dict):
        raise Rejection("bad_properties", "properties must be a JSON object.")
    if not rules.required <= value.keys():
        missing = min(rules.required - value.keys())
        raise Rejection("missing_property", f"The property {missing} is missing.")
    checks = rules.checks
    for name, item in value.items():
        check = checks.get(name)
        if check is _is_text and type(item) is str and len(item) <= MAX_TEXT and item.isprintable():
            continue  # nearly all: not worth a call
        if check is None:
            raise Rejection("unknown_property", f"A {rules.kind.name} event has no property {str(name)[:40]!r}.")
        if not check(item):
            wanted = rules.kind.property_named(name)
            raise Rejection("bad_property", f"The property {name} must be {_words(wanted)}.")
    return orjson.dumps(value)


def _words(wanted: Property | None) -> str:
    return {
        "text": f"a text of at most {MAX_TEXT} printable characters",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "time": "an ISO 8601 time with its zone",
    }[wanted.type if wanted else "text"]


def _check_attributes(value: object) -> None:
    fault = attribute_fault(value)
    if fault:
        raise Rejection("bad_attributes", fault)


def _exposure_names(said: object) -> tuple[str | None, str | None, str]:
    """Return the experiment or else the feature, and the variant that an exposure names."""
    if not isinstance(said, dict):
        raise Rejection("bad_properties", "properties must be a JSON object.")
    unknown = sorted(str(name) for name in said if name not in {"experiment", "feature", "variant"})
    if unknown:
        raise Rejection("unknown_property", f"An exposure has no property {unknown[0][:40]!r}.")
    for name in said:
        if not isinstance(said[name], str):
            raise Rejection("bad_property", f"The property {name} must be a text.")
    if "variant" not in said:
        raise Rejection("missing_property", "The property variant is missing.")
    if ("experiment" in said) == ("feature" in said):
        raise Rejection("missing_property", "An exposure names either the experiment or the feature.")
    return said.get("experiment"), said.get("feature"), said["variant"]


def _is_text(value: Any) -> bool:
    return type(value) is str and len(value) <= MAX_TEXT and value.isprintable()


def _is_integer(value: Any) -> bool:
    return type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER


def _is_number(value: Any) -> bool:
    return _is_integer(value) or (type(value) is float and math.isfinite(value))


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


def _is_time(value: Any) -> bool:
    try:
        return _is_text(value) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


CHECKS: Mapping[str, Check] = {
    "text": _is_text,
    "integer": _is_integer,
    "number": _is_number,
    "boolean": _is_boolean,
    "time": _is_time,
}
