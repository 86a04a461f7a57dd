"""The demo's story: an idea that was rejected, one that was adopted, and one that is running.

Every step is the real operation: drafts, launches, stops and decisions go through the doors of experiments and
analytics; only the visits of the past are simulated in bulk, one by one, from the same people as the swarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from analytics.public import Reasons, adopt_variant, reject_experiment
from experiments.public import Composition, compose, get_experiment, get_run_design, launch_experiment, stop_experiment
from novarium.kernel.errors import NotFound
from novarium.portal.models import User
from simulation import bulk
from simulation.behaviour import Shown
from simulation.catalogue import Catalogue
from simulation.past_menus import whole_catalogue
from simulation.personas import DEFAULT_MIX
from simulation.truth import expected

PHOTO: Mapping[str, Any] = {"icon_style": "photo"}
UNITS = 28_000  # enough for +5% on a click-through rate of 32% with 80% power, and some to spare


@dataclass(frozen=True, slots=True)
class People:
    """Who acts in the story."""

    analyst: User
    lead: User


@dataclass(frozen=True, slots=True)
class Period:
    """When a run of the past took place, and how many came."""

    start: datetime
    end: datetime
    visitors: int
    seed: int


def tell(*, people: People, now: datetime | None = None) -> list[str]:
    """Make what is missing of the three experiments; return a sentence for each that was made."""
    at = now or timezone.now()
    catalogue = whole_catalogue()
    chapters = (_outline, _pictures, _discount)
    return [sentence for chapter in chapters if (sentence := chapter(people, at, catalogue))]


def _outline(people: People, at: datetime, catalogue: Catalogue) -> str:
    design = _composition(
        key="outlined-categories",
        name="Outlined category icons",
        feature="category-navigation",
        what="Thin outlined icons instead of filled ones",
        why="The home page looks crowded; lighter tiles should make it easier to choose.",
        impact="5% more visitors click",
        changes={"Outlined": {"icon_style": "outline"}},
        guardrails={"arpu": 0.25},
        baseline=_ctr("category-navigation", {}, catalogue),
    )
    period = Period(at - timedelta(days=75), at - timedelta(days=61), UNITS, 11)
    if not _run(design, period, people, catalogue, live={}):
        return ""
    reject_experiment(
        design.key,
        actor=people.lead,
        reasons=Reasons(
            note="No more clicks than with the filled icons, rather fewer.",
            learning="The tiles' pictures are what people look for. Lighter is not clearer: try larger pictures next.",
        ),
    )
    return "Outlined category icons: run for two weeks and rejected."


def _pictures(people: People, at: datetime, catalogue: Catalogue) -> str:
    design = _composition(
        key="pictured-categories",
        name="Large pictures for categories",
        feature="category-navigation",
        what="Large pictures of dishes instead of icons",
        why="The outlined icons taught us that people look for pictures.",
        impact="5% more visitors click",
        changes={"Pictures": PHOTO},
        guardrails={"arpu": 0.25, "cvr": 0.25},
        baseline=_ctr("category-navigation", {}, catalogue),
    )
    period = Period(at - timedelta(days=58), at - timedelta(days=44), 2 * UNITS, 12)
    if not _run(design, period, people, catalogue, live={}):
        return ""
    adopt_variant(
        design.key,
        variant="treatment-1",
        actor=people.lead,
        reasons=Reasons(
            note="More visitors click, and no guardrail is harmed.",
            learning="Pictures of food move people on the home page, most of all those who came without a plan.",
        ),
    )
    return "Large pictures for categories: run for two weeks and adopted."


def _discount(people: People, at: datetime, catalogue: Catalogue) -> str:
    live = {"category-navigation": PHOTO}
    design = _composition(
        key="discount-today",
        name="A discount for today",
        feature="home-hero-banner",
        what="A discount of 20% in the banner, for today only",
        why="Those who compare prices leave before they see one.",
        impact="5% more visitors click, at the same order value",
        changes={"20% off": {"title": "오늘만 20% 할인", "badge": "오늘만", "discount_percent": 20}},
        guardrails={"aov": 0.1},
        baseline=_ctr("home-hero-banner", live, catalogue),
    )
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    start = min(midnight, at - timedelta(hours=2))
    if not _launched(design, people, start):
        return ""
    _visit(design.key, Period(start, at, 3_000, 13), catalogue, live)
    return "A discount for today: running."


def _composition(
    *,
    key: str,
    name: str,
    feature: str,
    what: str,
    why: str,
    impact: str,
    changes: Mapping[str, Mapping[str, Any]],
    guardrails: Mapping[str, float],
    baseline: float,
) -> Composition:
    return Composition(
        key=key,
        name=name,
        feature=feature,
        who="Everybody who opens the home page",
        what=what,
        why=why,
        expected_impact=impact,
        oec="ctr",
        baseline=round(baseline, 4),
        mde=0.05,
        planned_units=UNITS,
        planned_days=14,
        changes=changes,
        guardrails=guardrails,
    )


def _ctr(feature: str, live: Shown, catalogue: Catalogue) -> float:
    value = expected(metric="ctr", feature=feature, shown=live, mix=DEFAULT_MIX, catalogue=catalogue)
    if value is None:
        raise NotFound(f"Nobody reaches {feature}.")
    return value


def _run(design: Composition, period: Period, people: People, catalogue: Catalogue, *, live: Shown) -> bool:
    """Launch, let the people of the past come, and stop; False where it was made before."""
    if not _launched(design, people, period.start):
        return False
    _visit(design.key, period, catalogue, live)
    stop_experiment(design.key, actor=people.analyst, note="The planned visitors have come.", now=period.end)
    return True


def _launched(design: Composition, people: People, start: datetime) -> bool:
    try:
        get_experiment(design.key)
    except NotFound:
        compose(design, owner=people.analyst)
        launch_experiment(design.key, actor=people.analyst, reviewer=people.lead, now=start)
        return True
    return False


def _visit(key: str, period: Period, catalogue: Catalogue, live: Shown) -> None:
    bulk.run(
        run=get_run_design(key),
        visitors=period.visitors,
        seed=period.seed,
        mix=DEFAULT_MIX,
        start=period.start,
        end=period.end,
        catalogue=catalogue,
        live=live,
    )
