"""Won as text. Pure."""

from __future__ import annotations


def won(amount: int, language: str) -> str:
    """Return an amount as the reader's language writes it.

    >>> won(12000, "ko"), won(12000, "en")
    ('12,000원', '₩12,000')
    """
    return f"{amount:,}원" if language == "ko" else f"₩{amount:,}"


def price(amount: int, style: str) -> str:
    """Return a price in one of the price tag's formats; the same in both languages, as the format says.

    >>> price(12900, "suffix"), price(12900, "symbol"), price(12900, "compact"), price(4500, "compact")
    ('12,900원', '₩12,900', '1.29만원', '4,500원')
    """
    if style == "symbol":
        return f"₩{amount:,}"
    if style == "compact" and amount >= 10_000:
        return f"{amount / 10_000:.4f}".rstrip("0").rstrip(".") + "만원"
    return f"{amount:,}원"
