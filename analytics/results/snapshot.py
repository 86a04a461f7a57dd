"""A report as JSON values and back, so that the archive shows what was seen when the decision was made. Pure."""

from __future__ import annotations

import types
import typing
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any

from analytics.results.report import ResultReport


def to_plain(report: ResultReport) -> dict[str, Any]:
    """Return the report as JSON values; times in ISO 8601."""
    plain: dict[str, Any] = _plain(asdict(report))
    return plain


def report_from(plain: dict[str, Any]) -> ResultReport:
    """Return the report that ``to_plain`` was given."""
    report: ResultReport = _restore(ResultReport, plain)
    return report


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _restore(kind: Any, value: Any) -> Any:
    """Build a value of the annotated kind from its JSON form."""
    if value is None:
        return None
    if isinstance(kind, types.UnionType):
        (kind,) = (option for option in typing.get_args(kind) if option is not types.NoneType)
    if typing.get_origin(kind) is tuple:
        (item_kind, _) = typing.get_args(kind)
        return tuple(_restore(item_kind, item) for item in value)
    if is_dataclass(kind):
        hints = _hints(typing.cast(type, kind))
        known = {field.name for field in fields(kind)}
        return typing.cast(type, kind)(**{n: _restore(hints[n], item) for n, item in value.items() if n in known})
    if kind is datetime:
        return datetime.fromisoformat(value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
