"""Which units a draft takes, and when: its coverage, slot, ramp and schedule."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.allocation import layers
from experiments.assignment.bucketing import BUCKETS
from experiments.designs.authoring import change_columns
from experiments.designs.design import RampStep
from experiments.designs.drafting import lock_draft, ramp_problem
from experiments.models import Experiment, Layer
from experiments.running.lifecycle import new_seed
from novarium.kernel.errors import Invalid
from novarium.portal.models import User

PRESET = (RampStep(coverage=0.01, hours=24), RampStep(coverage=0.1, hours=24), RampStep(coverage=0.5, hours=48))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficInput:
    """The third step of a design.

    Attributes:
        coverage: Share of the layer's units (of all without a layer) that take part, 0..1.
        layer_share: Share of the layer, 0..1; without ``layer_start`` the first free slot is taken.
        layer_start: In 1/10,000 of the layer.
        ramp: Steps before the full coverage.
    """

    coverage: float
    layer: Layer | None = None
    layer_share: float | None = None
    layer_start: int | None = None
    keeps_holdout: bool = True
    ramp: tuple[RampStep, ...] = ()
    ramp_automatic: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def traffic_of(experiment: Experiment) -> TrafficInput:
    """Return a draft's traffic as it stands now."""
    start, end = experiment.layer_start, experiment.layer_end
    return TrafficInput(
        coverage=experiment.coverage,
        layer=experiment.layer,
        layer_share=(end - start) / BUCKETS if start is not None and end is not None else None,
        layer_start=start,
        keeps_holdout=experiment.keeps_holdout,
        ramp=tuple(RampStep(**step) for step in experiment.ramp),
        ramp_automatic=experiment.ramp_automatic,
        starts_at=experiment.starts_at,
        ends_at=experiment.ends_at,
    )


def set_traffic(
    experiment: Experiment, wanted: TrafficInput, *, actor: User, now: datetime | None = None
) -> list[layers.Slot]:
    """Change a draft's traffic; return the slots of other drafts that the chosen one shares units with.

    Raises:
        Invalid: a number breaks a rule, or a live experiment holds units of the slot.
        Conflict: the design is frozen.
    """
    with transaction.atomic():
        locked = lock_draft(experiment)
        problems = _problems(wanted, before=traffic_of(locked), now=now or timezone.now())
        if problems:
            raise Invalid(_("Some of the traffic is not right."), fields=problems)
        start, end, shared = _slot(wanted, locked)
        columns = {
            "coverage": wanted.coverage,
            "layer": wanted.layer,
            "layer_start": start,
            "layer_end": end,
            "keeps_holdout": wanted.keeps_holdout,
            "ramp": [asdict(step) for step in wanted.ramp],
            "ramp_automatic": wanted.ramp_automatic,
            "starts_at": wanted.starts_at,
            "ends_at": wanted.ends_at,
        }
        change_columns(locked, columns, action="experiment.traffic", actor=actor)
    return shared


def draw_seed(experiment: Experiment, *, actor: User) -> None:
    """Give a draft another split, for one whose arms were not alike before the launch.

    Raises:
        Conflict: the design is frozen.
    """
    with transaction.atomic():
        locked = lock_draft(experiment)
        change_columns(locked, {"seed": new_seed(locked.key)}, action="experiment.seed", actor=actor)


def with_preset(traffic: TrafficInput) -> TrafficInput:
    """Return the traffic with the usual ramp, as far as it stays below the coverage."""
    return replace(traffic, ramp=tuple(step for step in PRESET if step.coverage < traffic.coverage))


def _slot(wanted: TrafficInput, experiment: Experiment) -> tuple[int | None, int | None, list[layers.Slot]]:
    if wanted.layer is None or wanted.layer_share is None:
        return None, None, []
    found = layers.occupancy(wanted.layer, leaving_out=experiment)
    size = round(wanted.layer_share * BUCKETS)
    if wanted.layer_start is None:
        start, end = layers.first_free(found, size=size)
    else:
        start, end = wanted.layer_start, wanted.layer_start + size
    shared = layers.overlapping(found, start=start, end=end)
    taken = next((slot for slot in shared if slot.is_live), None)
    if taken:
        sentence = _("%(name)s is live and has units of this slot. Leave the start empty to get a free one.")
        raise Invalid(_("The slot is not free."), fields={"layer_start": [sentence % {"name": taken.experiment.name}]})
    return start, end, shared


def _problems(wanted: TrafficInput, *, before: TrafficInput, now: datetime) -> dict[str, list[str]]:
    ramp = ramp_problem([asdict(step) for step in wanted.ramp], coverage=wanted.coverage)
    return {
        name: [sentence]
        for name, sentence in {
            "coverage": "" if 0.0001 <= wanted.coverage <= 1 else _("From 0.01% to 100%."),
            **_slot_problems(wanted),
            "ramp": ramp,
            **_schedule_problems(wanted, before=before, now=now),
        }.items()
        if sentence
    }


def _slot_problems(wanted: TrafficInput) -> dict[str, str]:
    if wanted.layer is None:
        return {}
    if wanted.layer_share is None or not 0.0001 <= wanted.layer_share <= 1:
        return {"layer_share": _("Say how much of the layer it takes, from 0.01% to 100%.")}
    size = round(wanted.layer_share * BUCKETS)
    if wanted.layer_start is not None and not 0 <= wanted.layer_start <= BUCKETS - size:
        return {"layer_start": _("The slot does not fit between 0% and 100% of the layer.")}
    return {}


def _schedule_problems(wanted: TrafficInput, *, before: TrafficInput, now: datetime) -> dict[str, str]:
    problems = {}
    for name in ("starts_at", "ends_at"):
        moment = getattr(wanted, name)
        if moment and moment <= now and moment != getattr(before, name):
            problems[name] = _("This moment has passed.")
    if wanted.starts_at and wanted.ends_at and wanted.ends_at <= wanted.starts_at:
        problems["ends_at"] = _("The end comes after the start.")
    return problems
