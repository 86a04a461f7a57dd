"""Numbers, money and moments in the reader's language."""

from __future__ import annotations

import math
from datetime import date as date_type
from datetime import datetime
from decimal import Decimal

from babel import Locale, dates, numbers
from django.utils import timezone
from django.utils.translation import get_language

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"

Number = int | float | Decimal


def locale() -> Locale:
    """Return the reader's Babel locale."""
    return Locale.parse((get_language() or "en").replace("-", "_"))


def is_missing(value: Number | None) -> bool:
    """Whether there is no number to write: None, not a number or infinite."""
    return value is None or not math.isfinite(value)


def number(value: Number | None, *, digits: int | None = None) -> str:
    """Return ``12,345`` or, with digits, ``12,345.60``; without digits up to three decimals, none for whole numbers."""
    if value is None or is_missing(value):
        return NOTHING
    return _decimal(value, "#,##0.###" if digits is None else f"#,##0.{'0' * digits}".rstrip("."))


def percent(share: Number | None, *, digits: int = 1) -> str:
    """Return a share (0.123) as ``12.3%``."""
    if share is None or is_missing(share):
        return NOTHING
    pattern = f"#,##0.{'0' * digits}".rstrip(".") + "%"
    text: str = numbers.format_percent(share, format=pattern, locale=locale(), decimal_quantization=True)
    return _true_minus(text)


def signed_percent(share: Number | None, *, digits: int = 1) -> str:
    """Return a relative difference (0.043) as ``+4.3%``; zero has no sign."""
    text = percent(share, digits=digits)
    if share is None or is_missing(share) or text.startswith(MINUS):
        return _unsigned_zero(text)
    return text if _is_zero(text) else f"+{text}"


def money(won: Number | None, *, digits: int = 0, signed: bool = False) -> str:
    """Return an amount of Korean won: ``₩12,300`` in English, ``12,300원`` in Korean."""
    if won is None or is_missing(won):
        return NOTHING
    text = number(won if won >= 0 else -won, digits=digits)
    sign = "" if _is_zero(text) else MINUS if won < 0 else "+" if signed else ""
    return f"{sign}{text}원" if locale().language == "ko" else f"{sign}₩{text}"


def moment(at: datetime) -> str:
    """Return the date and time in the reporting time zone, to the minute."""
    local = timezone.localtime(at)
    pattern = "y-MM-dd HH:mm" if locale().language == "ko" else "d MMM y, HH:mm"
    return dates.format_datetime(local, pattern, locale=locale())


def day(date: date_type, *, long: bool = False) -> str:
    """Return the date: ``6 Nov 2026``, or ``6 November 2026`` where it stands in a sentence."""
    if locale().language == "ko":
        return dates.format_date(date, "y년 M월 d일" if long else "y-MM-dd", locale=locale())
    return dates.format_date(date, "d MMMM y" if long else "d MMM y", locale=locale())


def ago(at: datetime, *, now: datetime | None = None) -> str:
    """Return how long ago, or in how long: ``5 minutes ago``."""
    delta = at - (now or timezone.now())
    return dates.format_timedelta(delta, add_direction=True, locale=locale())


def _decimal(value: Number, pattern: str) -> str:
    text: str = numbers.format_decimal(value, format=pattern, locale=locale(), decimal_quantization=True)
    return _unsigned_zero(_true_minus(text))


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)


def _is_zero(text: str) -> bool:
    return not any(digit in "123456789" for digit in text)


def _unsigned_zero(text: str) -> str:
    return text.removeprefix(MINUS) if _is_zero(text) else text
