"""A lead who neither wrote nor asked approves exactly one design, and only that one can be launched."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from experiments.allocation import traffic
from experiments.designs import authoring, drafting, reviewing
from experiments.models import Experiment, Metric, Review, Run
from experiments.public import launch_experiment
from experiments.running import lifecycle
from novarium.kernel.errors import Conflict, Forbidden, Invalid
from novarium.portal.models import AuditEntry, Membership, Notification, User
from novarium.portal.roles import Role
from tests.experiments.racing import race

pytestmark = pytest.mark.django_db
APPROVED, CHANGES = Review.Verdict.APPROVED, Review.Verdict.CHANGES


@pytest.fixture
def reviewed_team(team):
    """A team that launches nothing without a review."""
    team.requires_review = True
    team.save()
    return team


@pytest.fixture
def design(reviewed_team, draft):
    return Experiment.objects.select_related("team", "owner", "feature", "oec").get(pk=draft.pk)


@pytest.fixture
def asked(design, analyst, lead):
    """The analyst asked for a review."""
    return reviewing.request(design, actor=analyst, note="Look at the discount")


def change_something(design, actor, what):
    if what == "plan":
        names = authoring.PlanInput.__dataclass_fields__
        plan = authoring.PlanInput(**{name: getattr(design, name) for name in names} | {"planned_units": 4000})
        authoring.change_plan(design, plan, actor=actor)
    elif what == "variant":
        arms = list(design.variants.order_by("position"))
        inputs = [
            drafting.VariantInput(
                key=arm.key, name=arm.name, weight=Decimal(50), value={**arm.value, "title": f"New {arm.position}"}
            )
            for arm in arms
        ]
        drafting.set_variants(design, inputs, actor=actor)
    elif what == "guardrail":
        drafting.set_guardrails(design, {Metric.objects.get(key="cvr").pk: 0.1}, actor=actor)
    elif what == "seed":
        traffic.draw_seed(design, actor=actor)
    else:
        traffic.set_traffic(design, traffic.TrafficInput(coverage=0.5), actor=actor)
    design.refresh_from_db()


def test_launch_without_a_review_is_refused(design, analyst):
    with pytest.raises(Conflict, match="Ask for a review"):
        lifecycle.launch(design, actor=analyst)
    assert not Run.objects.exists()


def test_launch_while_the_review_waits_is_refused(asked, design, analyst):
    with pytest.raises(Conflict, match="not finished"):
        lifecycle.launch(design, actor=analyst)


def test_approved_design_can_be_launched_and_is_what_was_approved(asked, design, analyst, lead):
    reviewing.decide(asked, verdict=APPROVED, reviewer=lead)
    run = lifecycle.launch(design, actor=analyst)
    assert {name: asked.design[name] for name in run.snapshot} == run.snapshot
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "experiment.review_request",
        "experiment.approve",
        "experiment.launch",
    }


@pytest.mark.parametrize("what", ["plan", "variant", "guardrail", "seed", "traffic"])
def test_any_change_after_the_approval_asks_again(asked, design, analyst, lead, what):
    reviewing.decide(asked, verdict=APPROVED, reviewer=lead)
    change_something(design, analyst, what)
    with pytest.raises(Conflict, match="has changed since it was approved"):
        lifecycle.launch(design, actor=analyst)
    again = reviewing.request(design, actor=analyst)
    reviewing.decide(again, verdict=APPROVED, reviewer=lead)
    lifecycle.launch(design, actor=analyst)


def test_design_that_changed_while_it_waited_cannot_be_approved(asked, design, analyst, lead):
    change_something(design, analyst, "plan")
    with pytest.raises(Conflict, match="has changed since the review was asked for"):
        reviewing.decide(asked, verdict=APPROVED, reviewer=lead)
    again = reviewing.request(design, actor=analyst)
    assert again.pk != asked.pk
    asked.refresh_from_db()
    assert asked.verdict == "superseded"


def test_nobody_approves_their_own_experiment_or_request(design, analyst, lead, admin):
    Membership.objects.filter(user=analyst).update(role=Role.LEAD.value)
    owner = User.objects.get(pk=analyst.pk)
    by_lead = reviewing.request(design, actor=lead)
    for person in (owner, lead):
        with pytest.raises(Forbidden):
            reviewing.decide(by_lead, verdict=APPROVED, reviewer=person)
    reviewing.decide(by_lead, verdict=APPROVED, reviewer=admin)
    assert reviewing.is_approved(design)


def test_database_itself_refuses_a_reviewer_who_asked(asked, analyst):
    with pytest.raises(IntegrityError, match="review_by_another_person"), transaction.atomic():
        Review.objects.filter(pk=asked.pk).update(verdict=APPROVED, reviewer=analyst, decided_at=asked.requested_at)


def test_database_itself_keeps_a_decided_review(asked, lead):
    reviewing.decide(asked, verdict=CHANGES, reviewer=lead, reason="No")
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        Review.objects.filter(pk=asked.pk).update(verdict=APPROVED)


@pytest.mark.parametrize("who", ["viewer", "other_lead"])
def test_who_may_not_approve_in_the_team_may_not_decide(asked, who, request):
    with pytest.raises(Forbidden):
        reviewing.decide(asked, verdict=APPROVED, reviewer=request.getfixturevalue(who))


def test_asking_for_changes_needs_a_reason_and_keeps_it_from_being_launched(asked, design, analyst, lead):
    with pytest.raises(Invalid):
        reviewing.decide(asked, verdict=CHANGES, reviewer=lead, reason=" ")
    reviewing.decide(asked, verdict=CHANGES, reviewer=lead, reason="The margin is too wide")
    with pytest.raises(Conflict, match="asked for changes"):
        lifecycle.launch(design, actor=analyst)
    assert Notification.objects.filter(user=analyst, text__contains="asks for changes").exists()


def test_leads_are_told_of_the_request(asked, lead):
    assert Notification.objects.filter(user=lead, text__contains="asks for a review").count() == 1


def test_incomplete_design_is_not_sent_to_anybody(design, analyst):
    Experiment.objects.filter(pk=design.pk).update(why="")
    with pytest.raises(Invalid):
        reviewing.request(design, actor=analyst)
    assert not Review.objects.exists()


def test_next_run_needs_a_review_of_its_own(asked, design, analyst, lead):
    reviewing.decide(asked, verdict=APPROVED, reviewer=lead)
    lifecycle.launch(design, actor=analyst)
    lifecycle.stop(design, actor=analyst)
    lifecycle.reset(design, actor=analyst)
    design.refresh_from_db()
    with pytest.raises(Conflict, match="Ask for a review"):
        lifecycle.launch(design, actor=analyst)


def test_program_launches_with_a_reviewer_who_is_another_person(design, analyst, lead):
    with pytest.raises(Forbidden):
        launch_experiment(design.key, actor=analyst, reviewer=analyst)
    assert launch_experiment(design.key, actor=analyst, reviewer=lead).status == "running"


@pytest.mark.django_db(transaction=True)
def test_two_leads_deciding_at_once_make_one_decision(asked, lead, admin):
    outcomes = race(
        lambda: reviewing.decide(asked, verdict=APPROVED, reviewer=lead),
        lambda: reviewing.decide(asked, verdict=CHANGES, reviewer=admin, reason="No"),
    )
    assert outcomes == {"done": 1, "Conflict": 1}
    assert AuditEntry.objects.filter(action__in=["experiment.approve", "experiment.request_changes"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_review(design, analyst, lead):
    assert race(*[lambda: reviewing.request(design, actor=analyst)] * 2) == {"done": 1, "Conflict": 1}
    assert Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_change_and_approval_at_once_never_launch_what_nobody_approved(asked, design, analyst, lead):
    """Whoever is first: a launch fits the approved hash, or is refused."""
    race(
        lambda: reviewing.decide(asked, verdict=APPROVED, reviewer=lead),
        lambda: change_something(Experiment.objects.get(pk=design.pk), analyst, "plan"),
    )
    with pytest.raises(Conflict):
        lifecycle.launch(design, actor=analyst)


def test_request_is_withdrawn_by_whoever_asked_and_the_leads_are_told(asked, design, analyst, lead):
    reviewing.withdraw(asked, actor=analyst, note="The margin is wrong")
    assert (asked.verdict, asked.reviewer) == ("withdrawn", None)
    assert reviewing.standing(design) is None
    entry = AuditEntry.objects.get(action="experiment.review_withdraw")
    assert (entry.note, entry.after["verdict"]) == ("The margin is wrong", "withdrawn")
    assert Notification.objects.filter(user=lead, text__contains="withdrew").count() == 1
    assert not Notification.objects.filter(user=analyst).exists()
    with pytest.raises(Conflict):
        reviewing.decide(asked, verdict=APPROVED, reviewer=lead)
    with pytest.raises(Conflict, match="Ask for a review"):
        lifecycle.launch(design, actor=analyst)
    again = reviewing.request(design, actor=analyst)
    assert reviewing.standing(design) == again


def test_only_who_asked_or_owns_withdraws_and_only_what_is_open(asked, design, analyst, lead, admin):
    for person in (lead, admin):
        with pytest.raises(Forbidden):
            reviewing.withdraw(asked, actor=person)
    reviewing.decide(asked, verdict=APPROVED, reviewer=lead)
    with pytest.raises(Conflict):
        reviewing.withdraw(asked, actor=analyst)
    assert reviewing.is_approved(design)


def test_withdrawing_an_older_request_leaves_the_approval_of_the_design_alone(design, analyst, lead):
    first = reviewing.request(design, actor=analyst)
    reviewing.decide(first, verdict=CHANGES, reviewer=lead, reason="Another title")
    second = reviewing.request(design, actor=lead)
    reviewing.withdraw(second, actor=analyst)
    assert reviewing.standing(design) == first


@pytest.mark.django_db(transaction=True)
def test_withdrawing_and_approving_at_once_do_one_of_them(asked, analyst, lead):
    def approve():
        reviewing.decide(Review.objects.get(pk=asked.pk), verdict=APPROVED, reviewer=lead)

    def withdraw():
        reviewing.withdraw(Review.objects.get(pk=asked.pk), actor=analyst)

    assert race(approve, withdraw) == {"done": 1, "Conflict": 1}
