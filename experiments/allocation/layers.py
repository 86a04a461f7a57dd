"""Layers: who holds which part of their units, and what is free. All places are in 1/10,000."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from experiments.assignment.bucketing import BUCKETS
from experiments.models import Experiment, Layer
from novarium.kernel.errors import Invalid
from novarium.portal import audit, numbers
from novarium.portal.models import Team, User

Status = Experiment.Status
LIVE = (Status.RUNNING, Status.PAUSED)


@dataclass(frozen=True, slots=True)
class Slot:
    """An experiment's part of a layer; a draft's is only meant."""

    start: int
    end: int
    experiment: Experiment

    @property
    def is_live(self) -> bool:
        """Whether it is taken, not only meant."""
        return self.experiment.status in LIVE

    @property
    def share(self) -> float:
        """The part of the layer, 0..1."""
        return (self.end - self.start) / BUCKETS

    @property
    def left_text(self) -> str:
        """Where it begins, in per cent of the layer, as a drawing wants it."""
        return f"{self.start * 100 / BUCKETS:.2f}"

    @property
    def width_text(self) -> str:
        """How wide it is, in per cent of the layer, as a drawing wants it."""
        return f"{self.share * 100:.2f}"


@dataclass(frozen=True, slots=True)
class Occupancy:
    """A layer with its slots, in order."""

    layer: Layer
    live: tuple[Slot, ...]
    drafts: tuple[Slot, ...]

    @property
    def free_share(self) -> float:
        """The part of the layer that no live experiment holds, 0..1."""
        return 1 - sum(slot.share for slot in self.live)

    @property
    def largest_gap(self) -> float:
        """The largest free part in one piece, 0..1."""
        return max((end - start for start, end in gaps(self.live)), default=0) / BUCKETS


def occupancy(layer: Layer, *, leaving_out: Experiment | None = None) -> Occupancy:
    """Return who holds and who means to hold which part of the layer."""
    found = layer.experiments.filter(status__in=[*LIVE, Status.DRAFT]).select_related("feature", "owner")
    if leaving_out is not None:
        found = found.exclude(pk=leaving_out.pk)
    slots = [
        Slot(experiment.layer_start, experiment.layer_end, experiment)
        for experiment in found.order_by("layer_start", "pk")
        if experiment.layer_start is not None and experiment.layer_end is not None
    ]
    live = tuple(slot for slot in slots if slot.is_live)
    return Occupancy(layer, live, tuple(slot for slot in slots if not slot.is_live))


def gaps(slots: Iterable[Slot]) -> list[tuple[int, int]]:
    """Return the free stretches between the slots."""
    free, place = [], 0
    for slot in sorted(slots, key=lambda one: one.start):
        if slot.start > place:
            free.append((place, slot.start))
        place = max(place, slot.end)
    if place < BUCKETS:
        free.append((place, BUCKETS))
    return free


def first_free(found: Occupancy, *, size: int) -> tuple[int, int]:
    """Return the first free slot of this size, one that no draft means to take where there is such.

    Raises:
        Invalid: live experiments leave no such stretch free; the sentence says what is the most.
    """
    for taken in ([*found.live, *found.drafts], found.live):
        for start, end in gaps(taken):
            if end - start >= size:
                return start, start + size
    most = numbers.percent(found.largest_gap, digits=2)
    sentence = _("The largest free part of this layer is %(most)s.") % {"most": most}
    raise Invalid(_("There is no such room in the layer."), fields={"layer_share": [sentence]})


def overlapping(found: Occupancy, *, start: int, end: int) -> list[Slot]:
    """Return the slots that share units with this stretch, the live ones first."""
    return [slot for slot in (*found.live, *found.drafts) if slot.start < end and start < slot.end]


def create(*, key: str, name: str, team: Team, description: str, actor: User) -> Layer:
    """Create a layer with a seed of its own.

    Raises:
        Invalid: the key is taken.
    """
    try:
        with transaction.atomic():
            layer = Layer.objects.create(
                key=key, name=name, team=team, description=description, seed=f"layer:{key}:{secrets.token_hex(6)}"
            )
            _record(layer, "layer.create", actor=actor, after={"name": name, "description": description})
    except IntegrityError as error:
        if "key" not in str(error):
            raise
        raise Invalid(_("This key is taken."), fields={"key": [_("Choose another key.")]}) from error
    return layer


def change(layer: Layer, *, name: str, description: str, actor: User) -> None:
    """Change a layer's words; its seed never changes, or every unit would change sides."""
    with transaction.atomic():
        locked = Layer.objects.select_for_update().get(pk=layer.pk)
        before = {"name": locked.name, "description": locked.description}
        after = {"name": name, "description": description}
        if before == after:
            return
        locked.name, locked.description = name, description
        locked.save(update_fields=["name", "description"])
        _record(locked, "layer.change", actor=actor, before=before, after=after)


def _record(
    layer: Layer, action: str, *, actor: User, after: dict[str, str], before: dict[str, str] | None = None
) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="layer",
        object_key=layer.key,
        team_id=layer.team_id,
        before=before,
        after=after,
    )
