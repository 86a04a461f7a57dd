"""The message catalogue: one for the project, made with Babel, so that no GNU gettext is needed.

Python is read by Babel; templates are first turned by Django's own ``templatize`` into calls that Babel can read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import templatize

PACKAGES = ("novarium", "experiments", "storefront", "analytics", "simulation", "templates")
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}")
HEADER = """# The translation of NovaRium into {name}. `manage.py messages` keeps it complete and sorted.
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural};\\n"

"""


@dataclass(frozen=True, slots=True)
class Gap:
    """A message that readers would not see in their language, and why."""

    msgid: str
    reason: str


def extracted(root: Path) -> Catalog:
    """Return every translatable message of the project, without places or dates."""
    catalog = Catalog()
    for path in _sources(root):
        for _line, message, _comments, context in _messages(path):
            catalog.add(message, context=context)
    return catalog


def load(path: Path, locale: str) -> Catalog:
    """Return the catalogue at the path, empty where there is none yet."""
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def updated(catalog: Catalog, template: Catalog) -> Catalog:
    """Return the catalogue with the template's messages: known translations stay, messages no longer used go."""
    fresh = Catalog(locale=catalog.locale)
    for message in template:
        if message.id:
            known = catalog.get(_key(message), message.context)
            flags = {"fuzzy"} if known and known.fuzzy else set()
            fresh.add(message.id, string=known.string if known else "", flags=flags, context=message.context)
    return fresh


def gaps(catalog: Catalog, template: Catalog) -> list[Gap]:
    """Return the messages of the template that the catalogue lacks, leaves empty, doubts or would break."""
    found = []
    for message in template:
        if message.id:
            reason = _gap(catalog.get(_key(message), message.context))
            if reason:
                found.append(Gap(str(_key(message)), reason))
    return sorted(found, key=lambda gap: gap.msgid)


def save(catalog: Catalog, path: Path) -> None:
    """Write the catalogue, sorted and without anything that changes from run to run."""
    for message in catalog:
        # Babel takes "95% intervals" for a format; placeholders are checked by ``gaps`` instead.
        message.flags = {"fuzzy"} & message.flags
    body = io.BytesIO()
    write_po(body, catalog, width=100, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    head = HEADER.format(
        name=catalog.locale.english_name, locale=catalog.locale_identifier, plural=catalog.plural_forms.rstrip(";")
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + body.getvalue().decode(), encoding="utf-8")


def compile_catalogue(catalog: Catalog, path: Path) -> None:
    """Write the binary form that Django reads."""
    with path.open("wb") as file:
        write_mo(file, catalog)


def _sources(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        for pattern in ("*.py", "*.html"):
            for path in sorted((root / package).rglob(pattern)):
                if "migrations" not in path.parts:
                    yield path


def _messages(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What is not a call becomes rows of X; without indentation they read as Python.
        source = "\n".join(line.strip() for line in templatize(source, origin=path.name).splitlines())
    yield from extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, list | tuple) else message.id


def _forms(text: Any) -> list[str]:
    """Return the singular and plural forms of a message or translation."""
    return list(text) if isinstance(text, list | tuple) else [text or ""]


def _gap(known: Message | None) -> str:
    strings = _forms(known.string) if known else []
    if known is None or not all(strings):
        return "not translated"
    if known.fuzzy:
        return "fuzzy"
    wanted = {name for text in _forms(known.id) for name in PLACEHOLDER.findall(text)}
    if any(set(PLACEHOLDER.findall(text)) != wanted for text in strings):
        return f"placeholders differ from {sorted(wanted)}"
    return ""
