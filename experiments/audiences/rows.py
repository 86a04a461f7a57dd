"""Conditions as rows of attribute, operator and values, joined by all or any, with one level of groups. Pure.

Not every condition can be written so; those that cannot stay JSON. What comes out of ``build`` means the same as what
went into ``parse``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Join = Literal["all", "any"]
Scalar = str | int | float | bool
Condition = dict[str, Any]

# One operand: the operator's name in conditions.
_SINGLE = {"at_least": "$gte", "above": "$gt", "at_most": "$lte", "below": "$lt", "like": "$regex"}
_SINGLE_NAMES = {symbol: name for name, symbol in _SINGLE.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """An attribute, an operator and its values.

    Attributes:
        operator: ``is`` or ``is_not`` (one of the values), ``includes`` or ``includes_none`` (a list, any of the
            values), ``at_least``, ``above``, ``at_most``, ``below``, ``like``, ``known`` or ``unknown``.
    """

    attribute: str
    operator: str
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Rows and groups of rows, all or any of which must hold; without any it is for everybody."""

    join: Join = "all"
    rows: tuple[Row, ...] = ()
    groups: tuple[Group, ...] = ()

    def all_rows(self) -> Iterable[Row]:
        """Return the rows, also those of the groups."""
        yield from self.rows
        for group in self.groups:
            yield from group.all_rows()


def build(group: Group) -> Condition:
    """Return the group as a condition.

    >>> build(Group("all", (Row("device", "is", ("mobile",)), Row("age", "at_least", (7,)))))
    {'device': 'mobile', 'age': {'$gte': 7}}
    """
    parts = [_row_condition(row) for row in group.rows]
    parts += [build(inner) for inner in group.groups if inner.rows]
    if len(parts) < 2:
        return parts[0] if parts else {}
    if group.join == "any":
        return {"$or": parts}
    names = [name for part in parts for name in part]
    if len(set(names)) < len(names):
        return {"$and": parts}
    return {name: value for part in parts for name, value in part.items()}


def _row_condition(row: Row) -> Condition:
    values = list(row.values)
    expression: Any
    if row.operator in _SINGLE:
        expression = {_SINGLE[row.operator]: values[0]}
    elif row.operator in {"known", "unknown"}:
        expression = {"$exists": row.operator == "known"}
    elif row.operator == "is":
        expression = values[0] if len(values) == 1 else {"$in": values}
    elif row.operator == "is_not":
        expression = {"$ne": values[0]} if len(values) == 1 else {"$nin": values}
    else:
        expression = {"$in" if row.operator == "includes" else "$nin": values}
    return {row.attribute: expression}


def parse(condition: Mapping[str, Any], *, lists: Collection[str] = ()) -> Group | None:
    """Return the condition as rows, or None where rows cannot say it.

    Args:
        condition: A sound condition.
        lists: The attributes whose values are lists.
    """
    found = _group(condition, lists)
    if found is None or any(inner.groups for inner in found.groups):
        return None
    return found


def _group(condition: Mapping[str, Any], lists: Collection[str]) -> Group | None:
    if set(condition) == {"$or"}:
        return _joined("any", condition["$or"], lists)
    items: list[Mapping[str, Any]] = []
    for name, value in condition.items():
        items += value if name == "$and" else [{name: value}]
    return _joined("all", items, lists)


def _joined(join: Join, items: Iterable[Mapping[str, Any]], lists: Collection[str]) -> Group | None:
    rows: list[Row] = []
    groups: list[Group] = []
    for item in items:
        part = _part(item, lists)
        if part is None or not (part.rows or part.groups):
            return None
        if part.join == join or len(part.rows) + len(part.groups) == 1:
            rows += part.rows
            groups += part.groups
        else:
            groups.append(part)
    return Group(join, tuple(rows), tuple(groups))


def _part(item: Mapping[str, Any], lists: Collection[str]) -> Group | None:
    """Return one of the joined conditions as a group."""
    if len(item) != 1 or next(iter(item)) in {"$or", "$and"}:
        return _group(item, lists)
    (name, value), *_none = item.items()
    rows = None if name.startswith("$") else _rows(name, value, is_list=name in lists)
    return Group("all", rows) if rows else None


def _rows(attribute: str, expression: Any, *, is_list: bool) -> tuple[Row, ...] | None:
    """Return an attribute's tests, all of which must hold."""
    if not isinstance(expression, Mapping):
        return (Row(attribute, "is", (expression,)),) if _is_scalar(expression) and not is_list else None
    rows = [_operator_row(attribute, name, operand, is_list=is_list) for name, operand in expression.items()]
    known = tuple(row for row in rows if row is not None)
    return known if len(known) == len(rows) else None


def _operator_row(attribute: str, name: str, operand: Any, *, is_list: bool) -> Row | None:
    if name == "$exists" and isinstance(operand, bool):
        return Row(attribute, "known" if operand else "unknown")
    if name in {"$in", "$nin"} and operand and all(map(_is_scalar, operand)):
        positive, negative = ("includes", "includes_none") if is_list else ("is", "is_not")
        return Row(attribute, positive if name == "$in" else negative, tuple(operand))
    if is_list or not _is_scalar(operand):
        return None
    if name in {"$eq", "$ne"}:
        return Row(attribute, "is" if name == "$eq" else "is_not", (operand,))
    if name == "$regex" or (name in _SINGLE_NAMES and _is_number(operand)):
        return Row(attribute, _SINGLE_NAMES[name], (operand,))
    return None


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
