"""A plan in sentences: what is traded for what, in the metric's own unit, and what looks wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experiments.allocation.expected_traffic import Reach
from experiments.planning.planning_hooks import AT_ANY_TIME, ONCE, Baseline, Plan, PlanQuestion
from novarium.portal import numbers

LONG_WEEKS = 13
BOLD_EFFECT = 0.5
LOOSE_ALPHA = 0.1
USUAL_POWER = 0.8
FAR_FROM_HISTORY = 0.25


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence with its tone: neutral or warn."""

    text: str
    tone: str = "warn"


def effect(question: PlanQuestion, size: float) -> str:
    """Return a relative effect with the sign that the metric is to move by: ``+4.0%``."""
    return numbers.signed_percent(-size if question.metric.direction == "decrease" else size)


def value(question: PlanQuestion, amount: float) -> str:
    """Return a value of the metric in its unit."""
    if question.metric.unit == "percent":
        return numbers.percent(amount, digits=2 if amount < 0.1 else 1)
    if question.metric.unit == "hours":
        return _("%(hours)s h") % {"hours": numbers.number(amount, digits=1)}
    if question.metric.unit == "won":
        return numbers.money(amount)
    return numbers.number(amount, digits=3 if amount < 10 else 1)


def change(question: PlanQuestion, size: float) -> str:
    """Return what an effect means in the metric's unit: ``31.2% → 32.5%``."""
    sign = -1 if question.metric.direction == "decrease" else 1
    after = question.baseline * (1 + sign * size)
    return f"{value(question, question.baseline)} → {value(question, after)}"


def trade(question: PlanQuestion, plan: Plan) -> str:
    """Return the trade in one sentence: time against the effect that it finds."""
    if plan.mde is None or plan.total is None:
        return ""
    found = {"effect": effect(question, plan.mde), "change": change(question, plan.mde)}
    if not plan.days:
        return _("To find %(effect)s (%(change)s), %(units)s units are needed.") % {
            **found,
            "units": numbers.number(plan.total),
        }
    first = ngettext(
        "%(weeks)d week finds %(effect)s (%(change)s)", "%(weeks)d weeks find %(effect)s (%(change)s)", plan.weeks
    ) % {**found, "weeks": plan.weeks}
    second = _other(question, plan)
    return _("%(first)s; %(second)s.") % {"first": first, "second": second} if second else f"{first}."


def _other(question: PlanQuestion, plan: Plan) -> str:
    other = 1 if plan.weeks > 1 else 3
    point = plan.after_week(other)
    if point is None:
        return ""
    shown = {"weeks": other, "effect": effect(question, point.mde)}
    if other < plan.weeks:
        return ngettext("%(weeks)d week finds only %(effect)s", "%(weeks)d weeks find only %(effect)s", other) % shown
    return ngettext("%(weeks)d week would find %(effect)s", "%(weeks)d weeks would find %(effect)s", other) % shown


def in_people(question: PlanQuestion, size: float) -> str:
    """Return what an effect means among a thousand units; empty where the metric is no proportion."""
    if question.metric.type not in {"proportion", "retention"}:
        return ""
    more = question.baseline * size * 1000
    amount = numbers.number(more, digits=0 if more >= 10 else 1)
    if question.metric.direction == "decrease":
        return _("%(amount)s fewer of 1,000 visitors.") % {"amount": amount}
    return _("%(amount)s more of 1,000 visitors.") % {"amount": amount}


def reading(question: PlanQuestion, plan: Plan) -> str:
    """Return what reading more than once costs and gains; empty where it is read once."""
    if question.looks == ONCE or plan.total is None or plan.average_units is None:
        return ""
    shown = {
        "looks": question.looks,
        "more": numbers.percent(plan.inflation - 1, digits=0),
        "most": numbers.number(plan.total),
        "average": numbers.number(plan.average_units),
    }
    if question.looks == AT_ANY_TIME:
        text = _(
            "Read at any time: up to %(most)s units, %(more)s more than read once; if the effect is there, it is found "
            "after %(average)s on average."
        )
    else:
        text = _(
            "Read at %(looks)d looks: up to %(most)s units, %(more)s more than read once; if the effect is there, it "
            "is found after %(average)s on average."
        )
    return text % shown


def remarks(question: PlanQuestion, plan: Plan, history: Baseline | None) -> list[Remark]:
    """Return what is unrealistic or easily overlooked about the plan."""
    found = [
        _weak(question, plan),
        _long(plan),
        _short(plan),
        _bold(question, plan),
        _loose(question),
        _unlike_history(question, history),
        _foretold(plan),
        _followed(question, plan),
    ]
    return [remark for remark in found if remark]


def typed_days_remark(plan: Plan, *, units: int, days: int) -> Remark | None:
    """Return what is to say of a number of days that was typed: by their end fewer units may have come than planned."""
    if not 0 < days <= len(plan.arriving):
        return None
    come = plan.arriving[days - 1]
    if come >= units:
        return None
    text = ngettext(
        "In the %(days)d day typed, %(come)s of the %(units)s planned units will have come.",
        "In the %(days)d days typed, %(come)s of the %(units)s planned units will have come.",
        days,
    )
    return Remark(text % {"days": days, "come": numbers.number(come), "units": numbers.number(units)})


def traffic_remarks(question: PlanQuestion, reach: Reach) -> list[Remark]:
    """Return what is taken off the expected visitors before anybody is counted on: holdout, layer and ramp."""
    if question.daily_units is None:
        return []
    found = []
    if reach.share < 1:
        text = _("Only %(share)s of the visitors are open to this experiment, before its coverage: %(reasons)s.")
        found.append(Remark(text % {"share": _narrow(reach.share), "reasons": _reasons(reach)}, "neutral"))
    if question.ramp:
        text = ngettext(
            "The ramp holds visitors back on %(days)d day; nobody who is left out then is counted on later.",
            "The ramp holds visitors back on the first %(days)d days; nobody who is left out then is counted on later.",
            len(question.ramp),
        )
        found.append(Remark(text % {"days": len(question.ramp)}, "neutral"))
    return found


def _reasons(reach: Reach) -> str:
    reasons = []
    if reach.of_layer < 1:
        reasons.append(_("the slot has %(share)s of its layer") % {"share": _narrow(reach.of_layer)})
    if reach.held_out > 0:
        reasons.append(_("the global holdout keeps %(share)s back") % {"share": _narrow(reach.held_out)})
    return ", ".join(reasons)


def _narrow(share: float) -> str:
    return numbers.percent(share, digits=0 if round(share * 100, 6).is_integer() else 1)


def _weak(question: PlanQuestion, plan: Plan) -> Remark | None:
    power = plan.power if plan.power is not None else question.power
    if power >= USUAL_POWER - 0.0005:
        return None
    text = _("With a power of %(power)s, a real effect of this size is missed %(missed)s of the time.")
    return Remark(text % {"power": numbers.percent(power, digits=0), "missed": numbers.percent(1 - power, digits=0)})


def _long(plan: Plan) -> Remark | None:
    if plan.reason_days and plan.total:
        return Remark(plan.reason_days, "warn")
    if plan.weeks <= LONG_WEEKS:
        return None
    text = _("%(weeks)d weeks are long: seasons turn, cookies are lost, and the product moves on in the meantime.")
    return Remark(text % {"weeks": plan.weeks})


def _short(plan: Plan) -> Remark | None:
    if plan.first_day is None or plan.first_day >= 7:
        return None
    text = ngettext(
        "The units are there after %(days)d day. Run the whole week all the same: weekdays differ.",
        "The units are there after %(days)d days. Run the whole week all the same: weekdays differ.",
        plan.first_day,
    )
    return Remark(text % {"days": plan.first_day})


def _bold(question: PlanQuestion, plan: Plan) -> Remark | None:
    size = plan.mde if plan.mde is not None else question.mde
    if size < BOLD_EFFECT:
        return None
    text = _("Hardly any change moves a metric by %(effect)s. A smaller true effect would be missed.")
    return Remark(text % {"effect": numbers.percent(size, digits=0)})


def _loose(question: PlanQuestion) -> Remark | None:
    if question.alpha <= LOOSE_ALPHA:
        return None
    text = _("With an alpha of %(alpha)s, one change in %(often)s that does nothing will look like one that works.")
    often = numbers.number(1 / question.alpha, digits=0)
    return Remark(text % {"alpha": numbers.percent(question.alpha, digits=0), "often": often})


def _unlike_history(question: PlanQuestion, history: Baseline | None) -> Remark | None:
    if history is None or abs(question.baseline / history.value - 1) <= FAR_FROM_HISTORY:
        return None
    text = _("The plan counts on a baseline of %(typed)s; the history shows %(measured)s.")
    return Remark(text % {"typed": value(question, question.baseline), "measured": value(question, history.value)})


def _foretold(plan: Plan) -> Remark | None:
    if not plan.days or not plan.known_days or plan.days <= 2 * plan.known_days:
        return None
    text = _(
        "Only the first %(days)d days of visitors are on record; the rest is foretold from how their number falls."
    )
    return Remark(text % {"days": plan.known_days}, "neutral")


def _followed(question: PlanQuestion, plan: Plan) -> Remark | None:
    metric = question.metric
    days = metric.to_day + 1 if metric.to_day else math.ceil((metric.window_hours or 0) / 24)
    if not plan.days or not days:
        return None
    text = ngettext(
        "Follow the last visitors for %(days)d day more before you read the results: the metric needs it.",
        "Follow the last visitors for %(days)d days more before you read the results: the metric needs it.",
        days,
    )
    return Remark(text % {"days": days}, "neutral")
