"""Plain text as people write it: what in it is a link, and whom it mentions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_MARKED = re.compile(r"https?://[^\s<>\"“”]+|(?<![\w.@+-])@[\w.@+-]+", re.IGNORECASE)
_AFTER_A_LINK = ".,;:!?'’)]}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; ``kind`` is ``text``, ``link`` or ``mention`` (``name`` is then the user name)."""

    kind: str
    text: str
    name: str = ""


def pieces(text: str, *, names: Collection[str] = ()) -> list[Piece]:
    """Split a text into plain stretches, links and mentions; put together again they are the text.

    Args:
        text: What was written.
        names: User names that may be mentioned; an @ before anything else is just text.

    >>> [(piece.kind, piece.text) for piece in pieces("@ann, see https://x.example/a.", names=["ann"])]
    [('mention', '@ann'), ('text', ', see '), ('link', 'https://x.example/a'), ('text', '.')]
    """
    known = {name.lower(): name for name in names}
    found: list[Piece] = []
    end = 0
    for match in _MARKED.finditer(text):
        piece = _marked(match.group(), known)
        if piece is None:
            continue
        found += [Piece("text", text[end : match.start()]), piece]
        end = match.start() + len(piece.text)
    found.append(Piece("text", text[end:]))
    return [piece for piece in found if piece.text]


def mentions(text: str, *, names: Collection[str]) -> list[str]:
    """Return the user names that the text mentions, each once, in order.

    >>> mentions("@Ann님 and @bob. Not me@ann.example, not @anna.", names=["ann", "bob"])
    ['ann', 'bob']
    """
    return list(dict.fromkeys(piece.name for piece in pieces(text, names=names) if piece.kind == "mention"))


def _marked(word: str, known: dict[str, str]) -> Piece | None:
    if not word.startswith("@"):
        return Piece("link", word.rstrip(_AFTER_A_LINK))
    name = _longest_name(word[1:].lower(), known)
    return Piece("mention", word[: len(name) + 1], known[name]) if name else None


def _longest_name(written: str, known: dict[str, str]) -> str:
    """Return the longest known name with which the word begins: a particle or a full stop may follow, no letter a-z."""
    for end in range(len(written), 0, -1):
        following = written[end : end + 1]
        if written[:end] in known and not (following.isascii() and (following.isalnum() or following == "_")):
            return written[:end]
    return ""
