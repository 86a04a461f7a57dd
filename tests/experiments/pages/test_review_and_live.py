"""The checklist, the review, and what may change while an experiment runs, on their pages."""

import pytest

from experiments.allocation import phases, traffic
from experiments.designs import reviewing
from experiments.designs.design import RampStep
from experiments.models import Experiment, Phase, Review, SeenPreview
from experiments.running import lifecycle
from novarium.portal.models import AuditEntry

pytestmark = pytest.mark.django_db
REVIEW = "/experiments/hero-discount/review/"


@pytest.fixture
def wants_review(team):
    team.requires_review = True
    team.save()


def items(response):
    return {item.key: item.state for item in response.context["items"]}


def test_checklist_says_what_is_done_and_what_is_worth_a_look(as_analyst, draft):
    found = items(as_analyst.get(REVIEW))
    assert found == {
        "design": "ok",
        "power": "warn",  # 2,000 units are too few for 5% of 30%
        "guardrails": "ok",
        "previews": "warn",
        "room": "ok",
        "balance": "warn",  # no history
        "schedule": "ok",
        "approval": "ok",
    }


def test_enough_units_make_the_power_good(as_analyst, draft):
    Experiment.objects.filter(pk=draft.pk).update(planned_units=200_000)
    assert items(as_analyst.get(REVIEW))["power"] == "ok"


def test_opened_previews_are_noted_until_the_variant_changes(as_analyst, draft):
    for index in range(2):
        response = as_analyst.post(f"/experiments/hero-discount/previews/{index}/open/")
        assert response.headers["Location"].startswith("/shop/?preview=")
    assert items(as_analyst.get(REVIEW))["previews"] == "ok"
    draft.variants.filter(position=1).update(value={**draft.variants.get(position=1).value, "title": "Other"})
    assert items(as_analyst.get(REVIEW))["previews"] == "warn"


def test_viewers_look_does_not_count(as_viewer, draft):
    assert as_viewer.post("/experiments/hero-discount/previews/0/open/").status_code == 302
    assert not SeenPreview.objects.exists()


def test_another_seed_is_drawn_for_a_draft_only(as_analyst, draft, analyst):
    before = draft.seed
    as_analyst.post("/experiments/hero-discount/seed/")
    draft.refresh_from_db()
    assert draft.seed != before
    entry = AuditEntry.objects.get(action="experiment.seed")
    assert (entry.before["seed"], entry.after["seed"]) == (before, draft.seed)
    lifecycle.launch(draft, actor=analyst)
    assert as_analyst.post("/experiments/hero-discount/seed/").status_code == 409


def test_review_goes_from_request_to_approval_to_launch(as_analyst, as_lead, draft, wants_review):
    page = as_analyst.get(REVIEW)
    assert items(page)["approval"] == "blocked"
    assert as_analyst.post("/experiments/hero-discount/launch/").status_code == 409
    as_analyst.post("/experiments/hero-discount/review/request/", {"note": "Please"})
    assert not as_analyst.get(REVIEW).context["may_decide"]
    assert as_lead.get(REVIEW).context["may_decide"]
    as_lead.post("/experiments/hero-discount/review/decide/", {"verdict": "approved"})
    assert items(as_analyst.get(REVIEW))["approval"] == "ok"
    assert as_analyst.post("/experiments/hero-discount/launch/").status_code == 302
    assert Experiment.objects.get(pk=draft.pk).status == "running"


def test_whoever_asked_withdraws_the_request_on_the_page(as_analyst, as_lead, draft, wants_review):
    withdraw = "/experiments/hero-discount/review/withdraw/"
    assert as_analyst.post(withdraw).status_code == 409
    as_analyst.post("/experiments/hero-discount/review/request/", {"note": "Please"})
    assert withdraw not in as_lead.get(REVIEW).content.decode()
    assert as_lead.post(withdraw).status_code == 403
    assert withdraw in as_analyst.get(REVIEW).content.decode()
    assert as_analyst.post(withdraw).status_code == 302
    page = as_analyst.get(REVIEW)
    assert (page.context["review"], page.context["may_request"]) == (None, True)
    assert not as_lead.get(REVIEW).context["may_decide"]


def test_page_shows_what_changed_since_the_approval(as_analyst, as_lead, draft, analyst, lead, wants_review):
    review = reviewing.request(draft, actor=analyst)
    reviewing.decide(review, verdict=Review.Verdict.APPROVED, reviewer=lead)
    traffic.set_traffic(draft, traffic.TrafficInput(coverage=0.5), actor=analyst)
    page = as_analyst.get(REVIEW)
    assert [(row.label, row.before, row.after) for row in page.context["differences"]] == [("Coverage", "1", "0.5")]
    assert "has changed since" in page.content.decode()
    as_analyst.post("/experiments/hero-discount/review/request/")
    assert [row.label for row in as_lead.get(REVIEW).context["since_last"]] == ["Coverage"]


def test_changes_without_a_reason_are_refused_at_the_field(as_lead, draft, analyst, wants_review):
    reviewing.request(draft, actor=analyst)
    response = as_lead.post("/experiments/hero-discount/review/decide/", {"verdict": "changes_requested"})
    assert response.status_code == 422
    assert "reason" in response.context["review_form"].errors


def test_pause_and_resume(as_analyst, running):
    as_analyst.post("/experiments/hero-discount/pause/", {"note": "A bug"})
    assert "Resume" in as_analyst.get("/experiments/hero-discount/").content.decode()
    assert as_analyst.post("/experiments/hero-discount/pause/").status_code == 409
    as_analyst.post("/experiments/hero-discount/resume/")
    assert list(Phase.objects.values_list("kind", flat=True)) == ["launch", "pause", "resume"]


@pytest.fixture
def ramped(draft, analyst):
    wanted = traffic.TrafficInput(coverage=1.0, ramp=(RampStep(coverage=0.1, hours=24),))
    traffic.set_traffic(draft, wanted, actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    return draft


def test_ramp_is_advanced_over_missing_data_only_by_a_lead_with_a_reason(as_analyst, as_lead, ramped):
    page = as_analyst.get("/experiments/hero-discount/")
    assert [step["state"] for step in page.context["live"].steps] == ["current", "ahead"]
    assert "Only a lead of the team may go on all the same" in page.content.decode()
    assert 'action="/experiments/hero-discount/ramp/"' not in page.content.decode()
    data = {"phase": 1, "reason": "A rehearsal"}
    assert as_analyst.post("/experiments/hero-discount/ramp/", data).status_code == 403
    assert 'action="/experiments/hero-discount/ramp/"' in as_lead.get("/experiments/hero-discount/").content.decode()
    refused = as_lead.post("/experiments/hero-discount/ramp/", {"phase": 1})
    assert refused.status_code == 422
    assert "reason" in refused.context["live"].advance_form.errors
    as_lead.post("/experiments/hero-discount/ramp/", data)
    assert phases.last_of(ramped).coverage == 1.0
    assert as_lead.post("/experiments/hero-discount/ramp/", {"phase": 1, "reason": "Again"}).status_code == 409


def test_shares_are_raised_where_nobody_changes_sides(as_analyst, draft, analyst):
    traffic.set_traffic(draft, traffic.TrafficInput(coverage=0.1), actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    data = {"shares-phase": 1, "shares-coverage": "10", "shares-weight_0": "40", "shares-weight_1": "60"}
    refused = as_analyst.post("/experiments/hero-discount/shares/", data)
    assert refused.status_code == 422
    assert "would fall from 5.00% to 4.00%" in refused.content.decode()
    assert as_analyst.post("/experiments/hero-discount/shares/", data | {"shares-coverage": "20"}).status_code == 302
    last = phases.last_of(draft)
    assert (last.kind, last.coverage, last.weights) == ("weights", 0.2, [0.4, 0.6])


def test_end_is_moved_and_taken_away(as_analyst, running):
    as_analyst.post("/experiments/hero-discount/end/", {"ends_at": "2031-01-01T10:00"})
    running.refresh_from_db()
    assert running.ends_at is not None
    assert as_analyst.post("/experiments/hero-discount/end/", {"ends_at": "2001-01-01T10:00"}).status_code == 422
    as_analyst.post("/experiments/hero-discount/end/", {"ends_at": ""})
    running.refresh_from_db()
    assert running.ends_at is None


def test_stopped_experiment_offers_nothing_to_change(as_analyst, running, analyst):
    lifecycle.stop(running, actor=analyst)
    live = as_analyst.get("/experiments/hero-discount/").context["live"]
    assert (live.advance_form, live.shares_form, live.end_form) == (None, None, None)
