"""RetailRocket's form: events.csv, category_tree.csv and item_properties_part*.csv, each of which may be gzipped.

Only events.csv must be there. Whether a transaction has its id is for the quality gates to judge: raw rows are kept as
they came.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from analytics.imports.binary_rows import Column, Number
from analytics.imports.fields import Field, Integers, Lines, Mask, equal, integers, split
from analytics.imports.forms import EARLIEST_MS, LATEST_MS, FileForm, LogForm, NoSuchLog, Reason, Source, Verdict

EVENTS = (b"view", b"addtocart", b"transaction")
LONGEST_PROPERTY = 100
LONGEST_VALUE = 65_536
_PART = re.compile(r"item_properties_part(\d{1,4})\.csv(\.gz)?")


def _events(lines: Lines, verdict: Verdict) -> Sequence[Column]:
    (at, visitor, event, item, transaction), right = split(lines, 5)
    verdict.demand(right, Reason.COLUMNS)
    at_ms = _time(at, verdict)
    visitors = _number(visitor, verdict)
    known = np.zeros(len(lines), np.bool_)
    for name in EVENTS:
        known |= equal(event, name)
    verdict.demand(known, Reason.EVENT)
    items = _number(item, verdict)
    transactions, none = _optional(transaction, verdict)
    return (
        Number(at_ms, ">i8"),
        Number(visitors, ">i8"),
        event,
        Number(items, ">i8"),
        Number(transactions, ">i8", none),
    )


def _categories(lines: Lines, verdict: Verdict) -> Sequence[Column]:
    (category, parent), right = split(lines, 2)
    verdict.demand(right, Reason.COLUMNS)
    categories = _number(category, verdict)
    parents, none = _optional(parent, verdict)
    return Number(categories, ">i8"), Number(parents, ">i8", none)


def _properties(lines: Lines, verdict: Verdict) -> Sequence[Column]:
    (at, item, name, value), right = split(lines, 4)
    verdict.demand(right, Reason.COLUMNS)
    at_ms = _time(at, verdict)
    items = _number(item, verdict)
    verdict.demand(name.lengths >= 1, Reason.VALUE)
    verdict.demand((name.lengths <= LONGEST_PROPERTY) & (value.lengths <= LONGEST_VALUE), Reason.LENGTH)
    return Number(at_ms, ">i8"), Number(items, ">i8"), name, value


def _time(field: Field, verdict: Verdict) -> Integers:
    values, good = integers(field)
    verdict.demand(good, Reason.NUMBER)
    verdict.demand((values > EARLIEST_MS) & (values < LATEST_MS), Reason.TIME)
    return values


def _number(field: Field, verdict: Verdict) -> Integers:
    values, good = integers(field)
    verdict.demand(good, Reason.NUMBER)
    return values


def _optional(field: Field, verdict: Verdict) -> tuple[Integers, Mask]:
    none = field.lengths == 0
    values, good = integers(field)
    verdict.demand(good | none, Reason.NUMBER)
    return values, none


EVENT_FILE = FileForm(
    table="analytics_rawretailrocketevent",
    columns=("at_ms", "visitor", "event", "item", "transaction"),
    heading=b"timestamp,visitorid,event,itemid,transactionid",
    parse=_events,
)
CATEGORY_FILE = FileForm(
    table="analytics_rawretailrocketcategory",
    columns=("category", "parent"),
    heading=b"categoryid,parentid",
    parse=_categories,
)
PROPERTY_FILE = FileForm(
    table="analytics_rawretailrocketproperty",
    columns=("at_ms", "item", "property", "value"),
    heading=b"timestamp,itemid,property,value",
    parse=_properties,
)


def find(place: Path) -> list[Source]:
    """Return the folder's files of this form, events first.

    Raises:
        NoSuchLog: it is no folder, or has no events.csv, or has a file both gzipped and not.
    """
    if not place.is_dir():
        raise NoSuchLog(
            _("%(place)s is no folder. RetailRocket's form is a folder with events.csv.") % {"place": place}
        )
    sources = [Source(path=path, form=EVENT_FILE) for path in _either(place, "events.csv")]
    if not sources:
        raise NoSuchLog(_("%(place)s has no events.csv (or events.csv.gz).") % {"place": place})
    sources += [Source(path=path, form=CATEGORY_FILE) for path in _either(place, "category_tree.csv")]
    parts = sorted((int(match[1]), path) for path in place.iterdir() if (match := _PART.fullmatch(path.name)))
    sources += [Source(path=path, form=PROPERTY_FILE, part=number) for number, path in parts]
    if len({number for number, _path in parts}) < len(parts):
        raise NoSuchLog(
            _("%(place)s has a part of the item properties twice, gzipped and not. Keep one.") % {"place": place}
        )
    return sources


def _either(place: Path, name: str) -> list[Path]:
    found = [path for path in (place / name, place / f"{name}.gz") if path.is_file()]
    if len(found) > 1:
        raise NoSuchLog(_("%(place)s has %(name)s twice, gzipped and not. Keep one.") % {"place": place, "name": name})
    return found


FORM = LogForm(find=find, tables=(EVENT_FILE.table, CATEGORY_FILE.table, PROPERTY_FILE.table))
