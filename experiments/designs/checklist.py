"""What should be so before a launch: each item with its state, a sentence, and where it is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.allocation import layers
from experiments.designs import reviewing, seen_previews
from experiments.designs.arms import guardrails_of, variants_of
from experiments.designs.balance_hooks import Balance, balance_of
from experiments.designs.drafting import define, problems_of, read_design
from experiments.designs.steps import STEPS, step_of
from experiments.models import Experiment
from experiments.planning.planning_hooks import Plan, PlanQuestion, plan_for
from experiments.running import scheduling
from novarium.portal import numbers

OK, WARN, BLOCKED = "ok", "warn", "blocked"
TONES = {OK: "good", WARN: "warn", BLOCKED: "bad"}
WORDS: dict[str, str | Promise] = {
    OK: gettext_lazy("Done"),
    WARN: gettext_lazy("Look at it"),
    BLOCKED: gettext_lazy("Missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the checklist.

    Attributes:
        state: ``ok``, ``warn`` (a launch is possible all the same) or ``blocked`` (it is not).
        url: Where it is mended; empty where nothing is to be done.
    """

    key: str
    title: str | Promise
    state: str
    sentence: str
    url: str = ""
    link: str | Promise = ""

    @property
    def tone(self) -> str:
        """How its badge looks."""
        return TONES[self.state]

    @property
    def word(self) -> str | Promise:
        """Its state in a word."""
        return WORDS[self.state]


def checklist_of(experiment: Experiment) -> list[Item]:
    """Return all items, for a draft."""
    problems = problems_of(experiment)
    parts: tuple[Callable[[Experiment, dict[str, list[str]]], Item], ...] = (
        _hypothesis,
        _power,
        _guardrails,
        _previews,
        _room,
        _balance,
        _schedule,
        _approval,
    )
    return [part(experiment, problems) for part in parts]


def blocking(items: list[Item]) -> list[Item]:
    """Return the items without which a launch is refused."""
    return [item for item in items if item.state == BLOCKED]


def _hypothesis(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("The design is complete")
    if problems:
        step = step_of(next(iter(problems)))
        sentence = " ".join(sentence for found in problems.values() for sentence in found)
        return Item(
            key="design",
            title=title,
            state=BLOCKED,
            sentence=sentence,
            url=reverse(f"experiments:{step}", args=[experiment.key]),
            link=STEPS[step],
        )
    return Item(key="design", title=title, state=OK, sentence=_("Who, what, why, variants and plan are all there."))


def _power(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("The OEC has enough power")
    plan = reverse("experiments:plan", args=[experiment.key])
    if experiment.oec is None or experiment.planned_units is None:
        missing = _("Choose the OEC and plan the units first.")
        return Item(key="power", title=title, state=BLOCKED, sentence=missing, url=plan, link=STEPS["plan"])
    answer = _needed(experiment)
    if answer is None or answer.total is None:
        unknown = answer.reason if answer and answer.reason else _("Without a baseline nobody knows how many it needs.")
        return Item(key="power", title=title, state=WARN, sentence=unknown, url=plan, link=STEPS["plan"])
    numbers_ = {
        "planned": numbers.number(experiment.planned_units),
        "needed": numbers.number(answer.total),
        "mde": numbers.percent(experiment.mde),
        "power": numbers.percent(experiment.power, digits=0),
    }
    if experiment.planned_units < answer.total:
        short = _("%(planned)s units are planned; to find %(mde)s with %(power)s power it needs %(needed)s.") % numbers_
        return Item(key="power", title=title, state=WARN, sentence=short, url=plan, link=STEPS["plan"])
    enough = _("%(planned)s planned units find %(mde)s with %(power)s power.") % numbers_
    return Item(key="power", title=title, state=OK, sentence=enough)


def _needed(experiment: Experiment) -> Plan | None:
    if experiment.oec is None or experiment.baseline is None:
        return None
    weights = [float(arm.weight) / 100 for arm in variants_of(experiment) if arm.weight > 0]
    if len(weights) < 2:
        return None
    return plan_for(
        PlanQuestion(
            metric=define(experiment.oec),
            baseline=experiment.baseline,
            deviation=experiment.baseline_deviation,
            mde=experiment.mde,
            alpha=experiment.alpha,
            power=experiment.power,
            weights=tuple(weights),
            coverage=experiment.coverage,
            daily_units=None,
            looks=experiment.looks,
            correlation=experiment.cuped_correlation or 0.0,
        )
    )


def _guardrails(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("Guardrails protect what must not get worse")
    names = [_(item.metric.name) for item in guardrails_of(experiment)]
    if names:
        return Item(key="guardrails", title=title, state=OK, sentence=", ".join(names))
    return Item(
        key="guardrails",
        title=title,
        state=WARN,
        sentence=_("Nothing would show that something else got worse. Choose at least one."),
        url=reverse("experiments:hypothesis", args=[experiment.key]),
        link=STEPS["hypothesis"],
    )


def _previews(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("Every variant's preview was opened")
    unseen = seen_previews.unseen(experiment)
    if not unseen:
        return Item(key="previews", title=title, state=OK, sentence=_("Somebody has looked at each of them."))
    names = ", ".join(variant.name for variant in unseen)
    return Item(
        key="previews",
        title=title,
        state=WARN,
        sentence=_("Nobody has opened these as they are now: %(names)s.") % {"names": names},
        url="#previews",
        link=gettext_lazy("Open the previews"),
    )


def _room(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("The feature and the layer are free")
    traffic = reverse("experiments:traffic", args=[experiment.key])
    apart = ~Q(layer=experiment.layer_id) if experiment.layer_id else Q()
    rival = Experiment.objects.filter(apart, feature=experiment.feature_id, status__in=layers.LIVE).first()
    if rival:
        sentence = _("%(name)s is live on this feature. Stop it, or give both slots of one layer.")
        sentence %= {"name": rival.name}
        return Item(key="room", title=title, state=BLOCKED, sentence=sentence, url=traffic, link=STEPS["traffic"])
    if experiment.layer is None or experiment.layer_start is None or experiment.layer_end is None:
        return Item(key="room", title=title, state=OK, sentence=_("Nothing else is live on this feature."))
    found = layers.occupancy(experiment.layer, leaving_out=experiment)
    shared = layers.overlapping(found, start=experiment.layer_start, end=experiment.layer_end)
    if not shared:
        return Item(key="room", title=title, state=OK, sentence=_("Its slot of the layer is free."))
    sentence = (
        _("%(name)s is live and has units of this slot.")
        if shared[0].is_live
        else _("The draft “%(name)s” means to take units of this slot, too.")
    )
    return Item(
        key="room",
        title=title,
        state=BLOCKED if shared[0].is_live else WARN,
        sentence=sentence % {"name": shared[0].experiment.name},
        url=traffic,
        link=STEPS["traffic"],
    )


def _balance(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("The arms were alike in the weeks before")
    found = None if problems else balance_of(read_design(experiment))
    if found is None:
        return Item(key="balance", title=title, state=WARN, sentence=_("There is too little history to tell."))
    if found.is_balanced:
        return Item(key="balance", title=title, state=OK, sentence=_balance_words(found))
    return Item(
        key="balance",
        title=title,
        state=WARN,
        sentence=_("This seed happens to split the people of the past unevenly. Draw another one."),
        url="#seed",
        link=gettext_lazy("Draw another seed"),
    )


def _balance_words(found: Balance) -> str:
    sentence = _("An A/A test on %(units)s units of the past finds no difference (smallest p = %(p)s).")
    known = [p for p in (found.sample_ratio_p, found.smallest_p) if p is not None]
    return sentence % {"units": numbers.number(found.units), "p": numbers.number(min(known, default=1.0), digits=2)}


def _schedule(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("The schedule can be kept")
    traffic, now = reverse("experiments:traffic", args=[experiment.key]), timezone.now()
    if experiment.ends_at and experiment.ends_at <= now:
        passed = _("The scheduled end has passed. Choose a later one.")
        return Item(key="schedule", title=title, state=BLOCKED, sentence=passed, url=traffic, link=STEPS["traffic"])
    if scheduling.missed_start(experiment, now=now):
        missed = _("The scheduled start has passed. Choose another, or launch it by hand.")
        return Item(key="schedule", title=title, state=WARN, sentence=missed, url=traffic, link=STEPS["traffic"])
    if experiment.starts_at:
        sentence = _("It starts by itself on %(moment)s.") % {"moment": numbers.moment(experiment.starts_at)}
    else:
        sentence = _("It starts when somebody launches it.")
    return Item(key="schedule", title=title, state=OK, sentence=sentence)


def _approval(experiment: Experiment, problems: dict[str, list[str]]) -> Item:
    title = gettext_lazy("Another person approved this design")
    if not experiment.team.requires_review:
        return Item(key="approval", title=title, state=OK, sentence=_("This team launches without a review."))
    if not problems and reviewing.is_approved(experiment):
        latest = reviewing.standing(experiment)
        sentence = _("Approved by %(person)s.") % {"person": latest.reviewer if latest else ""}
        return Item(key="approval", title=title, state=OK, sentence=sentence)
    sentence = _("Once the design is complete, ask for a review.") if problems else reviewing.why_not(experiment)
    return Item(
        key="approval",
        title=title,
        state=BLOCKED,
        sentence=sentence,
        url="#review",
        link=gettext_lazy("Review"),
    )
