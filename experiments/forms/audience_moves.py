"""What was sent by the audience's builder, and what its buttons make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from experiments.audiences.rows import Join
from experiments.catalogue.attributes import Attribute
from experiments.forms.audience import MOST_GROUPS, MOST_ROWS, OPERATORS, AudienceForms, GroupForms, Known, RowForm

MOVES = frozenset({"add_row", "remove_row", "add_group", "remove_group", "refresh"})


@dataclass(frozen=True, slots=True)
class Typed:
    """A row as it was sent."""

    attribute: str
    operator: str
    values: tuple[str, ...]


def sent(data: QueryDict, known: Known) -> AudienceForms:
    """Return the builder bound to what was sent."""
    if data.get("mode") == "json":
        return AudienceForms(text=data.get("json", ""))
    groups = []
    offered = _with_typed(known, data)
    for number, rows in enumerate(_typed(data)):
        prefixes = [(f"g{number}-{place}", row) for place, row in enumerate(rows)]
        bound = [RowForm(data, known=offered, chosen=row.attribute, prefix=prefix) for prefix, row in prefixes]
        groups.append(GroupForms(number, _join(data, number), bound))
    return AudienceForms(groups)


def _join(data: QueryDict, number: int) -> Join:
    default = "all" if number == 0 else "any"
    return "any" if data.get(f"g{number}-join", default) == "any" else "all"


def _typed(data: QueryDict) -> list[list[Typed]]:
    return [
        [
            Typed(
                data.get(f"g{number}-{place}-attribute", ""),
                data.get(f"g{number}-{place}-operator", ""),
                tuple(data.getlist(f"g{number}-{place}-value")),
            )
            for place in range(_count(data, f"g{number}-rows", MOST_ROWS))
        ]
        for number in range(1 + _count(data, "groups", MOST_GROUPS))
    ]


def _count(data: QueryDict, name: str, most: int) -> int:
    text = data.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _with_typed(known: Known, data: QueryDict) -> dict[str, Attribute]:
    """Return the known attributes with those that the page offered because its condition names them."""
    found = dict(known)
    for name in data.getlist("unlisted"):
        key, _colon, kind = name.rpartition(":")
        if key and key not in found and kind in OPERATORS and kind != "choice":
            found[key] = Attribute(key=key, label=key, type=kind)  # type: ignore[arg-type]  # a key of OPERATORS
    return found


def reshaped(data: QueryDict, known: Known) -> AudienceForms:
    """Return what was typed, unchecked, after the button that was pressed: rows and groups more or less."""
    offered = _with_typed(known, data)
    groups = [(_join(data, number), rows) for number, rows in enumerate(_typed(data))]
    _press(data, groups)
    shown = []
    for number, (join, rows) in enumerate(groups):
        forms_ = [_as_typed(row, offered, f"g{number}-{place}") for place, row in enumerate(rows)]
        shown.append(GroupForms(number, join, forms_))
    return AudienceForms(shown)


def _press(data: QueryDict, groups: list[tuple[Join, list[Typed]]]) -> None:
    empty = Typed("", "", ())
    if "add_group" in data and len(groups) <= MOST_GROUPS:
        groups.append(("any" if groups[0][0] == "all" else "all", [empty]))
    place = _place(data.get("add_row", ""), len(groups))
    if place is not None and len(groups[place][1]) < MOST_ROWS:
        groups[place][1].append(empty)
    gone = _place(data.get("remove_group", ""), len(groups))
    if gone:  # the outer group stays
        del groups[gone]
    number, _dash, row = data.get("remove_row", "").partition("-")
    place = _place(number, len(groups))
    if place is not None:
        at = _place(row, len(groups[place][1]))
        if at is not None:
            del groups[place][1][at]


def _place(text: str, count: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) < count else None


def _as_typed(row: Typed, known: Known, prefix: str) -> RowForm:
    """Return a row as it was typed; where its attribute changed, what does not suit the new one is dropped."""
    attribute = known.get(row.attribute)
    kind = attribute.type if attribute else "text"
    keeps = row.operator in OPERATORS[kind] and (kind != "number" or any(row.values))
    operator = row.operator if keeps else next(iter(OPERATORS[kind]))
    values: Any = list(row.values)
    if kind != "choice":
        values = values[0] if values else None
        if attribute and kind == "text" and row.operator not in OPERATORS[kind]:
            values = None
    initial = {"attribute": row.attribute if attribute else "", "operator": operator, "value": values}
    return RowForm(known=known, chosen=row.attribute, prefix=prefix, initial=initial)
