"""What the simulator's pages show: runs with their progress, and the truth of the present shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from experiments.public import RunDesign, live_revision
from novarium.portal import numbers
from simulation import traits, truth
from simulation.appeal import DEFAULTS
from simulation.catalogue import Catalogue
from simulation.labels import METRICS
from simulation.models import SwarmRun
from simulation.past_menus import whole_catalogue
from simulation.swarm import reading


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        rate: Visits per second so far, None before the first second.
        left: Time left at this rate, None where it is not known.
    """

    run: SwarmRun
    rate: float | None
    left: timedelta | None

    @property
    def words(self) -> str:
        """The time left in words."""
        if self.left is None:
            return ""
        seconds = round(self.left.total_seconds())
        if seconds < 60:
            return _("about %(n)d s left") % {"n": max(seconds, 1)}
        return _("about %(n)d min left") % {"n": round(seconds / 60)}


def progress(run: SwarmRun, *, now: datetime | None = None) -> Progress:
    """Return how far the run is."""
    if run.started_at is None:
        return Progress(run, None, None)
    seconds = ((run.finished_at or now or timezone.now()) - run.started_at).total_seconds()
    rate = run.visits / seconds if seconds >= 1 and run.visits else None
    left = timedelta(seconds=(run.visitors - run.visits) / rate) if rate and run.is_active else None
    return Progress(run, rate, left)


def live_values() -> dict[str, Mapping[str, Any]]:
    """Return what the shop shows by default now, by feature key."""
    return {feature: live_revision(feature).value for feature in DEFAULTS}


def catalogue() -> Catalogue:
    """Return what the shop was last seen to offer, or all that it sells where nobody looked yet."""
    return reading.latest() or whole_catalogue()


@dataclass(frozen=True, slots=True)
class TrueValue:
    """A metric's expected value, written for the reader."""

    label: str | Promise
    text: str


def true_values(mix: Mapping[str, float]) -> list[TrueValue]:
    """Return what the present shop's metrics are expected to be, for visitors of the home page."""
    shown, offered = live_values(), catalogue()
    return [
        TrueValue(
            label,
            written(
                truth.expected(metric=key, feature="home-hero-banner", shown=shown, mix=mix, catalogue=offered), unit
            ),
        )
        for key, (label, unit) in METRICS.items()
    ]


def written(value: float | None, unit: str) -> str:
    """Write a metric's value in the reader's language."""
    if value is None:
        return numbers.NOTHING
    if unit == "percent":
        return numbers.percent(value)
    return numbers.money(value) if unit == "won" else numbers.number(value, digits=2)


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """What a variant really does to a metric; ``lift`` is relative to the control, None for the control itself."""

    metric: str
    variant: str
    value: str
    lift: str


def true_effects(launched: RunDesign, mix: Mapping[str, float]) -> list[TrueEffect]:
    """Return the true values of the design's metrics that the simulation knows, for each variant.

    They are those of the experiment's audience: of the personas as they are mixed in it. None where the audience is
    nobody that the simulation sends.
    """
    design, offered = launched.design, catalogue()
    shown = live_values()
    effects: list[TrueEffect] = []
    if design.feature not in truth.SURFACES:
        return effects
    among = traits.audience_mix(mix, design.condition, ordered=truth.SURFACES[design.feature] == "tracking")
    if among is None:
        return effects
    for metric in design.metrics():
        if metric.key not in truth.METRICS:
            continue
        control: float | None = None
        for variant in design.variants:
            value = truth.expected(
                metric=metric.key,
                feature=design.feature,
                shown={**shown, design.feature: variant.value},
                mix=among,
                catalogue=offered,
            )
            lift = numbers.signed_percent(value / control - 1) if control and value is not None else ""
            control = value if variant.position == 0 else control
            effects.append(TrueEffect(metric.name, variant.name, written(value, metric.unit), lift))
    return effects
