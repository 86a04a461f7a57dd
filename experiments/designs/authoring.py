"""Drafts from the first sentence on: create, change the hypothesis and the plan, clone, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from experiments.designs.carrying import carry_traffic, traffic_of
from experiments.designs.drafting import VariantInput, current_value, lock_draft, set_guardrails, set_variants
from experiments.models import Experiment, Feature, Metric
from experiments.running.lifecycle import new_seed
from novarium.kernel.errors import Invalid
from novarium.portal import audit
from novarium.portal.models import Team, User

RESERVED_KEYS = frozenset({"new", "key", "impact", "layers", "holdout"})
MAX_KEY = 60
MOST_LOOKS = 20
# Of a metric's values; beyond, the numbers of a plan leave what floats can hold.
_MAGNITUDES = (1e-9, 1e12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """The first step of a design; ``margins`` holds the guardrails' relative margins by metric id."""

    name: str
    team: Team
    feature: Feature
    who: str = ""
    what: str = ""
    why: str = ""
    expected_impact: str = ""
    oec: Metric | None = None
    margins: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """The third step of a design; shares in 0..1, the MDE relative to the baseline.

    Attributes:
        looks: How often the results are read: 1 is once, at the end; 0 at any time.
        cuped_correlation: Of the OEC with the unit's own past; None without CUPED.
    """

    baseline: float | None
    baseline_deviation: float | None
    daily_units: int | None
    mde: float
    alpha: float
    power: float
    coverage: float
    planned_units: int | None
    planned_days: int | None
    looks: int = 1
    cuped_correlation: float | None = None


def key_for(name: str, *, fallback: str) -> str:
    """Return a free key made from the name; ``fallback`` where the name has no letters a key may have."""
    stem = slugify(name)[: MAX_KEY - 4].strip("-") or fallback[: MAX_KEY - 4]
    taken = set(Experiment.objects.filter(key__startswith=stem).values_list("key", flat=True)) | RESERVED_KEYS
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in candidates if key not in taken)


def create(hypothesis: Hypothesis, *, key: str, owner: User) -> Experiment:
    """Create a draft whose two variants both show the feature as it is today.

    Raises:
        Invalid: the key is taken or the feature is another team's.
    """
    _check_key(key)
    _check_team(hypothesis)
    with transaction.atomic():
        experiment = _insert(
            Experiment(key=key, owner=owner, seed=new_seed(key), **_columns(hypothesis)),
        )
        audit.record(
            actor=owner,
            action="experiment.create",
            object_type="experiment",
            object_key=key,
            team_id=experiment.team_id,
            after=_readable(hypothesis),
        )
        set_variants(experiment, _as_today(experiment.feature), actor=owner)
        set_guardrails(experiment, dict(hypothesis.margins), actor=owner)
    return experiment


def change_hypothesis(experiment: Experiment, hypothesis: Hypothesis, *, actor: User) -> None:
    """Change a draft's first step; another feature starts its variants afresh.

    Raises:
        Invalid: the feature is another team's, or an earlier run has shown the present one.
        Conflict: the design is frozen.
    """
    _check_team(hypothesis)
    with transaction.atomic():
        locked = lock_draft(experiment)
        if locked.team_id != hypothesis.team.pk:
            raise Invalid(
                _("The team stays."), fields={"team": [_("Clone the experiment to give it to another team.")]}
            )
        other_feature = locked.feature_id != hypothesis.feature.pk
        if other_feature and locked.runs.exists():
            sentence = _("An earlier run has shown this feature. Clone the experiment to test another one.")
            raise Invalid(_("The feature stays."), fields={"feature": [sentence]})
        change_columns(locked, _columns(hypothesis), action="experiment.hypothesis", actor=actor)
        if other_feature:
            set_variants(locked, _as_today(hypothesis.feature), actor=actor)
        set_guardrails(locked, dict(hypothesis.margins), actor=actor)


def change_plan(experiment: Experiment, plan: PlanInput, *, actor: User) -> None:
    """Change a draft's third step.

    Raises:
        Invalid: a number is out of its range.
        Conflict: the design is frozen.
    """
    problems = plan_problems(plan)
    if problems:
        raise Invalid(_("Some numbers of the plan are not right."), fields=problems)
    with transaction.atomic():
        change_columns(lock_draft(experiment), asdict(plan), action="experiment.plan", actor=actor)


def change_plan_and_weights(
    experiment: Experiment, plan: PlanInput, weights: Sequence[Decimal], *, actor: User
) -> None:
    """Change a draft's third step and its variants' weights: per cent by position, the control first.

    What rounding leaves goes to the control; variants without a weight keep none.

    Raises:
        Invalid: a number is out of its range, or the plan has another number of variants than the experiment.
        Conflict: the design is frozen.
    """
    with transaction.atomic():
        locked = lock_draft(experiment)
        arms = list(locked.variants.order_by("position"))
        weighed = [arm for arm in arms if arm.weight > 0]
        if len(weights) != len(weighed):
            raise Invalid(_("The plan counts on another number of variants: add or remove them on their own step."))
        rest = 100 - sum(weights, Decimal(0))
        given = dict(zip((arm.pk for arm in weighed), [weights[0] + rest, *weights[1:]], strict=True))
        inputs = [
            VariantInput(key=arm.key, name=arm.name, weight=given.get(arm.pk, Decimal(0)), value=arm.value)
            for arm in arms
        ]
        set_variants(locked, inputs, actor=actor)
        change_plan(locked, plan, actor=actor)


def clone(experiment: Experiment, *, team: Team, owner: User) -> Experiment:
    """Return a new draft with the same design, its own key and its own seed; its slot in the layer is to be chosen.

    Raises:
        Invalid: the feature is another team's.
    """
    key = key_for(experiment.key, fallback="experiment")
    hypothesis = Hypothesis(
        name=_("Copy of %(name)s") % {"name": experiment.name[:100]},
        team=team,
        feature=experiment.feature,
        who=experiment.who,
        what=experiment.what,
        why=experiment.why,
        expected_impact=experiment.expected_impact,
        oec=experiment.oec,
        margins=dict(experiment.guardrails.values_list("metric_id", "margin")),
    )
    plan = PlanInput(**{name: getattr(experiment, name) for name in PlanInput.__dataclass_fields__})
    arms = [
        VariantInput(key=arm.key, name=arm.name, weight=arm.weight, value=arm.value)
        for arm in experiment.variants.order_by("position")
    ]
    with transaction.atomic():
        copy = create(hypothesis, key=key, owner=owner)
        if len(arms) >= 2:
            set_variants(copy, arms, actor=owner)
        change_plan(copy, plan, actor=owner)
        carry_traffic(copy, traffic_of(experiment), actor=owner)
    copy.refresh_from_db()
    return copy


def _check_key(key: str) -> None:
    if key in RESERVED_KEYS or slugify(key) != key or not key or len(key) > MAX_KEY:
        sentence = _("A key has small letters, digits and hyphens, at most %(n)d.") % {"n": MAX_KEY}
        raise Invalid(_("This key cannot be used."), fields={"key": [sentence]})


def _check_team(hypothesis: Hypothesis) -> None:
    if hypothesis.feature.team_id != hypothesis.team.pk:
        sentence = _("This feature belongs to %(team)s.") % {"team": hypothesis.feature.team.name}
        raise Invalid(_("The feature is another team's."), fields={"feature": [sentence]})


def _insert(experiment: Experiment) -> Experiment:
    try:
        with transaction.atomic():
            experiment.save(force_insert=True)
    except IntegrityError as error:
        if "key" in str(error):
            raise Invalid(_("This key is taken."), fields={"key": [_("Choose another key.")]}) from error
        raise
    return experiment


def _columns(hypothesis: Hypothesis) -> dict[str, Any]:
    return {name: getattr(hypothesis, name) for name in Hypothesis.__dataclass_fields__ if name != "margins"}


def _readable(hypothesis: Hypothesis) -> dict[str, Any]:
    return {name: _plain(value) for name, value in _columns(hypothesis).items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else getattr(value, "key", value)


def _as_today(feature: Feature) -> list[VariantInput]:
    value = current_value(feature)
    half = Decimal(50)
    return [
        VariantInput(key="control", name=_("Control"), weight=half, value=value),
        VariantInput(key="treatment", name=_("Treatment"), weight=half, value=value),
    ]


def change_columns(experiment: Experiment, columns: Mapping[str, Any], *, action: str, actor: User) -> None:
    """Write the columns that differ and audit them; nothing to change is no entry."""
    before = {name: getattr(experiment, name) for name in columns}
    changed = {name: value for name, value in columns.items() if before[name] != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(experiment, name, value)
    experiment.updated_at = timezone.now()
    experiment.save(update_fields=[*changed, "updated_at"])
    audit.record(
        actor=actor,
        action=action,
        object_type="experiment",
        object_key=experiment.key,
        team_id=experiment.team_id,
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(value) for name, value in changed.items()},
    )


def plan_problems(plan: PlanInput) -> dict[str, list[str]]:
    """Return which numbers are out of their range: sentences by field; what is missing is no problem."""
    magnitude = _("From 0.000000001 to 1,000,000,000,000.")
    limits: dict[str, tuple[bool, str]] = {
        "baseline": (_within(plan.baseline, *_MAGNITUDES), magnitude),
        "baseline_deviation": (_within(plan.baseline_deviation, *_MAGNITUDES), magnitude),
        "daily_units": (_within(plan.daily_units, 1, 2_000_000_000), _("At least one unit per day.")),
        "mde": (_within(plan.mde, 0.0001, 10), _("From 0.01% to 1000%.")),
        "alpha": (_within(plan.alpha, 0.0001, 0.4999), _("Above 0% and below 50%.")),
        "power": (_within(plan.power, 0.5, 0.9999), _("From 50% to 99.99%.")),
        "coverage": (_within(plan.coverage, 0.0001, 1), _("From 0.01% to 100%.")),
        "planned_units": (_within(plan.planned_units, 2, 2_000_000_000), _("From 2 to 2,000,000,000 units.")),
        "planned_days": (_within(plan.planned_days, 1, 3650), _("From 1 to 3650 days.")),
        "looks": (_within(plan.looks, 0, MOST_LOOKS), _("At most 20 looks.")),
        "cuped_correlation": (_within(plan.cuped_correlation, -0.99, 0.99), _("From −0.99 to 0.99.")),
    }
    return {name: [sentence] for name, (is_right, sentence) in limits.items() if not is_right}


def _within(value: float | None, low: float, high: float) -> bool:
    return value is None or low <= value <= high
