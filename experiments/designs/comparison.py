"""Variants side by side: one row per parameter, and which cells differ from the control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from experiments.designs.arms import variants_of
from experiments.features.preview_pages import Preview, preview
from experiments.models import Experiment, Feature, Variant


@dataclass(frozen=True, slots=True)
class Cell:
    """A parameter's value as people read it."""

    text: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter in every variant."""

    label: str
    cells: tuple[Cell, ...]

    @property
    def is_changed(self) -> bool:
        """Whether any variant differs from the first."""
        return any(cell.is_changed for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All variants of an experiment."""

    variants: tuple[Variant, ...]
    rows: tuple[Row, ...]
    previews: tuple[Preview, ...]


def compared(experiment: Experiment) -> Comparison:
    """Return the experiment's variants side by side with their previews."""
    variants = tuple(variants_of(experiment))
    return Comparison(
        variants,
        rows(experiment.feature, [variant.value for variant in variants]),
        tuple(preview(experiment.feature, variant.value, title=variant.name) for variant in variants),
    )


def rows(feature: Feature, values: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Return one row per declared parameter; the first value is what the others are compared with."""
    return tuple(
        Row(
            _(item["label"]),
            tuple(
                Cell(readable(value.get(item["name"]), item), value.get(item["name"]) != values[0].get(item["name"]))
                for value in values
            ),
        )
        for item in feature.parameters
    )


def readable(value: Any, item: Mapping[str, Any]) -> str:
    """Return a parameter's value as people read it."""
    if value is None:
        return "–"
    if item["type"] == "boolean":
        return _("Yes") if value else _("No")
    if item["type"] == "choice":
        return _(dict(item["choices"]).get(value, str(value)))
    if item["type"] == "text":
        return _(value) if value else "–"
    return str(value)
