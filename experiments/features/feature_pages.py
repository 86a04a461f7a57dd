"""What the pages of features read: live values, running experiments, and the history with its differences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from experiments.designs.comparison import readable
from experiments.models import Experiment, Feature, FeatureRevision


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """A feature in the list."""

    feature: Feature
    live: FeatureRevision
    summary: str
    running: Experiment | None


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter that a revision changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A revision with what it changed."""

    revision: FeatureRevision
    changes: tuple[Change, ...]
    is_live: bool


def overview() -> list[tuple[str, list[FeatureLine]]]:
    """Return the features by page, each with its live value and the experiment that runs on it; three queries."""
    features = list(Feature.objects.select_related("team").order_by("surface", "name"))
    live = {
        revision.feature_id: revision
        for revision in FeatureRevision.objects.order_by("feature_id", "-number").distinct("feature_id")
    }
    running = {item.feature_id: item for item in Experiment.objects.filter(status=Experiment.Status.RUNNING)}
    order = list(Feature.Surface.values)
    features.sort(key=lambda feature: (order.index(feature.surface), feature.name))
    groups: dict[str, list[FeatureLine]] = {}
    for feature in features:
        line = FeatureLine(feature, live[feature.pk], summary(feature, live[feature.pk]), running.get(feature.pk))
        groups.setdefault(str(feature.get_surface_display()), []).append(line)
    return list(groups.items())


def summary(feature: Feature, revision: FeatureRevision) -> str:
    """Return the value in one line."""
    return " · ".join(readable(revision.value.get(item["name"]), item) for item in feature.parameters)


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A targeted value as people read it."""

    condition: str
    value: str
    note: str


def targets(feature: Feature) -> list[TargetLine]:
    """Return the feature's targeted values in the order in which they are tried."""
    return [
        TargetLine(
            json.dumps(target["condition"], ensure_ascii=False),
            " · ".join(readable(target["value"].get(item["name"]), item) for item in feature.parameters),
            target["note"],
        )
        for target in feature.targets
    ]


def values(feature: Feature, revision: FeatureRevision) -> list[tuple[str, str, str]]:
    """Return label, readable value and limits of each parameter."""
    return [
        (_(item["label"]), readable(revision.value.get(item["name"]), item), limits(item))
        for item in feature.parameters
    ]


def limits(item: dict[str, object]) -> str:
    """Return in words what values a parameter may take."""
    if item["type"] == "text":
        return _("Text of at most %(n)s characters") % {"n": item["max_length"]}
    if item["type"] == "integer":
        return _("Whole number from %(low)s to %(high)s") % {"low": item["min"], "high": item["max"]}
    if item["type"] == "number":
        return _("Number from %(low)s to %(high)s") % {"low": item["min"], "high": item["max"]}
    if item["type"] == "boolean":
        return _("Yes or no")
    choices: Iterable[tuple[str, str]] = item["choices"]  # type: ignore[assignment]
    return _("One of: %(choices)s") % {"choices": ", ".join(_(label) for _value, label in choices)}


def revisions(feature: Feature) -> list[RevisionLine]:
    """Return the feature's revisions, newest first, each with its difference from the one before."""
    found = list(
        FeatureRevision.objects.filter(feature=feature).select_related("author", "experiment").order_by("-number")
    )
    return [
        RevisionLine(revision, _changes(feature, revision, found[place + 1 : place + 2]), is_live=place == 0)
        for place, revision in enumerate(found)
    ]


def _changes(feature: Feature, revision: FeatureRevision, before: Sequence[FeatureRevision]) -> tuple[Change, ...]:
    if not before:
        return ()
    earlier, later = before[0].value, revision.value
    return tuple(
        Change(_(item["label"]), readable(earlier.get(name), item), readable(later.get(name), item))
        for item in feature.parameters
        if earlier.get(name := item["name"]) != later.get(name)
    )
