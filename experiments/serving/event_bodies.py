"""Read the body of a request with events: JSON, or one JSON value a line; as it is or gzipped. Pure."""

from __future__ import annotations

import json
import zlib
from typing import Any, NoReturn

import orjson

from experiments.events.unreadable import unreadable
from experiments.events.validation import EventFault

MAX_BODY = 1024 * 1024  # as it came
MAX_TEXT = 8 * 1024 * 1024  # decompressed
MAX_EVENTS = 500
JSON_TYPES = frozenset({"", "application/json", "text/plain"})  # a page's beacon can send plain text only
LINE_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines"})
_GZIP = 16 + zlib.MAX_WBITS
_BLANK = b" \t\r"


class BadBody(Exception):
    """A request that cannot be read as a whole, with the status of its answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_events(body: bytes, *, content_type: str, encoding: str) -> list[object]:
    """Return the payloads in order; a line that is no JSON is an ``EventFault`` already.

    Raises:
        BadBody: the whole cannot be read.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media not in JSON_TYPES | LINE_TYPES:
        raise BadBody(415, "Send application/json, or application/x-ndjson with one event a line.")
    if len(body) > MAX_BODY:
        raise BadBody(413, "The body must not be larger than 1 MB.")
    text = _decoded(body, encoding.strip().lower())
    found = _lines(text) if media in LINE_TYPES else _listed(_json(text))
    if not found:
        raise BadBody(400, "There is no event.")
    if len(found) > MAX_EVENTS:
        raise BadBody(400, f"There are {len(found)} events; send at most {MAX_EVENTS} at once.")
    return found


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise BadBody(415, "Send the body as it is, or gzipped.")
    reader = zlib.decompressobj(_GZIP)
    try:
        text = reader.decompress(body, MAX_TEXT + 1)
    except zlib.error:
        raise BadBody(400, "The body is no gzip.") from None
    if len(text) > MAX_TEXT:
        raise BadBody(413, f"The body must not be larger than {MAX_TEXT // 1024 // 1024} MB when it is unpacked.")
    if not reader.eof:
        raise BadBody(400, "The gzipped body ends too early.")
    if reader.unused_data:
        raise BadBody(400, "Something follows the gzipped body.")
    return text


def _listed(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        if "events" in value:
            events = value["events"]
            if isinstance(events, list) and len(value) == 1:
                return events
            raise BadBody(400, "events must be a list, and nothing may stand beside it.")
        if "name" in value or "event_id" in value:
            return [value]
    raise BadBody(400, 'Send an event, a list of events, or {"events": […]}.')


def _lines(text: bytes) -> list[object]:
    lines = [line for line in text.split(b"\n") if line.strip(_BLANK)]
    if len(lines) > MAX_EVENTS:
        return list(lines)  # too many: they are refused unread
    return [_line(line) for line in lines]


def _line(line: bytes) -> object:
    try:
        return _json(line)
    except BadBody as error:
        kept = unreadable(line.decode("utf-8", "backslashreplace"))
        return EventFault("not_json", f"The line is no JSON. {error}", kept)


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # Lone surrogates and numbers beyond 64 bits spoil only the event that has them, so they are read all the same.
        return _lenient(text)


def _lenient(text: bytes) -> Any:
    try:
        return json.loads(text.decode(), parse_constant=_refuse)
    except RecursionError:
        raise BadBody(400, "The JSON is nested too deep.") from None
    except ValueError as error:
        raise BadBody(400, f"This is no JSON: {error}"[:200]) from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
