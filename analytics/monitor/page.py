"""What the monitor's page shows, in the shape of its templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.live.latest import Latest, latest
from analytics.live.windows import Window
from analytics.monitor.figures import Line, click_rates, closed_line, volume
from analytics.monitor.health import health
from analytics.monitor.standing import Bound, Standing, standings
from analytics.results.wording import lift_range_text, reason_text
from novarium.portal import numbers
from novarium.portal.intervals import axis_for

VERDICTS: dict[str, tuple[str | Promise, str]] = {
    "better": (gettext_lazy("Better"), "good"),
    "worse": (gettext_lazy("Worse"), "bad"),
    "open": (gettext_lazy("Nothing shown yet"), "neutral"),
    "safe": (gettext_lazy("Safe"), "good"),
    "harmed": (gettext_lazy("Harmed"), "bad"),
    "undecided": (gettext_lazy("Undecided"), "warn"),
}
LENGTHS: dict[int, str | Promise] = {1: gettext_lazy("Windows of a minute"), 5: gettext_lazy("Windows of five minutes")}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRow:
    """One treatment on one metric; ``margin`` lies on the harmful side."""

    metric: str
    variant: str
    is_oec: bool
    lift: str
    words: str
    point: float | None
    low: float | None
    high: float | None
    margin: float | None
    tone: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """A variant: its units against the plan, and its last hour."""

    name: str
    series: int
    units: int
    expected: float
    total: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentBlock:
    """A live experiment's part of the page."""

    key: str
    name: str
    status: str
    status_name: str
    reached: int
    planned: int
    multiple: int
    ratio: str
    ratio_tone: str
    variants: tuple[VariantRow, ...]
    bounds: tuple[BoundRow, ...]
    axis: float
    figure: dict[str, Any]
    is_measured: bool


def page_context(*, minutes: int) -> dict[str, Any]:
    """Return what the page shows; ``minutes`` is the windows' length, 1 or 5."""
    found, shown = health(), latest()
    context: dict[str, Any] = {"health": found, "minutes": minutes, "latest": shown}
    context["lengths"] = [
        {"label": label, "url": f"?minutes={length}", "is_open": length == minutes} for length, label in LENGTHS.items()
    ]
    if shown is None:
        return {**context, "blocks": [], "features": []}
    everybody = closed_line(shown, minutes=minutes)
    return {
        **context,
        "last": everybody.windows[-1],
        "hour": everybody.total,
        "windows": list(reversed(everybody.windows)),
        "volume": volume(everybody),
        "rates": click_rates({_("Everybody"): everybody}),
        "blocks": [_block(standing, shown, minutes) for standing in standings()],
        "features": _features(shown, minutes),
    }


def _features(shown: Latest, minutes: int) -> list[tuple[str, Window]]:
    keys = {window.feature for window in shown.windows if window.run_id == 0 and window.feature}
    rows = [(key, closed_line(shown, minutes=minutes, feature=key).total) for key in sorted(keys)]
    return sorted(rows, key=lambda row: -row[1].impressions)


def _block(standing: Standing, shown: Latest, minutes: int) -> ExperimentBlock:
    design = standing.run.design
    lines = {
        variant.name: closed_line(shown, minutes=minutes, run_id=standing.run.run_id, variant_id=variant.id)
        for variant in design.variants
    }
    ends = [end for bound in standing.bounds for end in (bound.lift, bound.low, bound.high)]
    margins = [bound.margin for bound in standing.bounds if bound.margin]
    ratio, tone = _ratio(standing)
    return ExperimentBlock(
        key=design.key,
        name=design.name,
        status=standing.run.status,
        status_name=_("Running") if standing.run.status == "running" else _("Paused"),
        reached=standing.reached,
        planned=design.planned_units,
        multiple=standing.multiple,
        ratio=ratio,
        ratio_tone=tone,
        variants=_variants(standing, lines),
        bounds=tuple(_bound(bound, standing) for bound in standing.bounds),
        axis=axis_for(*ends, margin=max(margins, default=None)),
        figure=click_rates(lines),
        is_measured=standing.ratio is not None,
    )


def _variants(standing: Standing, lines: dict[str, Line]) -> tuple[VariantRow, ...]:
    ratio = standing.ratio
    return tuple(
        VariantRow(
            name=variant.name,
            series=variant.position,
            units=ratio.units[place] if ratio else 0,
            expected=ratio.expected[place] if ratio else 0.0,
            total=lines[variant.name].total,
        )
        for place, variant in enumerate(standing.run.design.variants)
    )


def _ratio(standing: Standing) -> tuple[str, str]:
    mismatch = standing.ratio.mismatch if standing.ratio else None
    if mismatch is None:
        return _("Not known yet"), "neutral"
    return (_("Mismatch"), "bad") if mismatch else (_("As planned"), "good")


def _bound(bound: Bound, standing: Standing) -> BoundRow:
    names = {variant.key: variant.name for variant in standing.run.design.variants}
    verdict, tone = VERDICTS.get(bound.verdict or "", (_("Not known"), "neutral"))
    sign = -1 if bound.metric.direction == "increase" else 1
    return BoundRow(
        metric=_(bound.metric.name),
        variant=names[bound.variant],
        is_oec=bound.role == "oec",
        lift=numbers.signed_percent(bound.lift),
        words=lift_range_text(bound.low, bound.high),
        point=bound.lift,
        low=bound.low,
        high=bound.high,
        margin=sign * bound.margin if bound.margin else None,
        tone=tone,
        verdict=str(verdict),
        reason=reason_text(bound.reason),
    )
