"""Funnel, cohorts, CRM targets and rules in the Data Lab, for what is received and for imported logs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.marts.funnels import cohorts
from analytics.marts.runs import build
from analytics.models import CohortWeek, CrmRule, Dataset, FunnelDay, MartRun
from experiments.models import CrmList
from experiments.public import record
from tests.analytics.traffic import event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_rules")]
PAGES = ["/data/", "/data/users/", "/data/funnel/", "/data/cohorts/", "/data/crm/"]
FILES = ["/data/daily.csv", "/data/users.csv", "/data/funnel.csv", "/data/funnel-categories.csv", "/data/cohorts.csv",
         "/data/crm.csv"]  # fmt: skip
LIMITS = {
    "name": "Many views", "key": "many-views", "is_active": "on", "days": 7, "least_views": 5, "most_views": 1000000,
    "least_carts": 0, "most_carts": 0, "least_orders": 0, "most_orders": 1000000, "cap": 100, "priority": 4,
}  # fmt: skip


def noon(days_ago):
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


@pytest.fixture
def built(db):
    """Yesterday three saw a page, two of them filled a cart, and one ordered; a week before one of them came."""
    at = noon(1)
    events = [event("page_view", unit, at, page="home") for unit in ("ann", "bob", "cid")]
    for unit in ("ann", "bob"):
        moment = at + timedelta(minutes=1)
        events.append(event("add_to_cart", unit, moment, dish="d", restaurant="r", quantity=1))
    events.append(event("purchase", "ann", at + timedelta(minutes=2), 9000, order="o1"))
    events.append(event("page_view", "bob", noon(8), page="home"))
    record(events=events)
    build()


@pytest.fixture
def other(db):
    return Dataset.objects.create(key="cdnow", name="CDNOW log", form="cdnow", currency="USD")


@pytest.fixture
def as_analyst(client, analyst):
    client.force_login(analyst)
    return client


@pytest.fixture
def as_lead(client, lead):
    client.force_login(lead)
    return client


def text_of(response):
    return response.content.decode()


def lines_of(response):
    return b"".join(response.streaming_content).decode().splitlines()


@pytest.mark.parametrize("page", PAGES)
def test_pages_say_where_nothing_is_built(as_analyst, page):
    answer = as_analyst.get(page)
    assert answer.status_code == 200
    assert "/data/builds/" in text_of(answer)


@pytest.mark.parametrize("page", PAGES)
def test_pages_offer_every_dataset_and_show_the_one_asked_for(as_analyst, built, other, page):
    assert 'value="cdnow"' in text_of(as_analyst.get(page))
    asked = as_analyst.get(page, {"dataset": "cdnow"})
    assert asked.status_code == 200
    assert asked.context["shown"].dataset == other


@pytest.mark.parametrize("page", [page for page in PAGES if "users" not in page])
@pytest.mark.parametrize(
    "query",
    [
        {"first": "2026-05-02", "last": "2026-05-01"},
        {"first": "x"},
        {"dataset": "none"},
        {"first": "2020-01-01", "last": "2026-01-01"},
    ],
)
def test_a_range_that_cannot_be_is_refused_at_the_field(as_analyst, built, page, query):
    assert as_analyst.get(page, query).status_code == 422


@pytest.mark.parametrize("file", FILES)
def test_files_of_a_range_that_cannot_be_are_refused(as_analyst, built, file):
    assert as_analyst.get(file, {"dataset": "none"}).status_code == 422


def test_the_funnel_counts_each_step_of_the_step_before(as_analyst, built):
    answer = as_analyst.get("/data/funnel/", {"first": noon(1).date(), "last": noon(1).date()})
    steps = [(step["count"], step["of_first"], step["of_before"]) for step in answer.context["steps"]]
    assert steps == [(3, 1.0, 1.0), (2, 2 / 3, 2 / 3), (1, 1 / 3, 1 / 2)]
    assert len(answer.context["days"]) == 1
    header, row = lines_of(as_analyst.get("/data/funnel.csv", {"first": noon(1).date(), "last": noon(1).date()}))
    assert dict(zip(header.split(","), row.split(","), strict=True))["viewing_carters"] == "2"
    assert FunnelDay.objects.filter(dataset_id=1).count() == 2


def cell(cohort, week, visitors, buyers=0, again=0):
    return CohortWeek(
        dataset_id=1, cohort_day=cohort, week_day=week, visitors=visitors, buyers=buyers, reorderers=again
    )


def test_a_week_without_visitors_counts_as_zero_and_no_week_after_the_last_day_is_shown():
    monday = 20003 - 20003 % 7 + 4
    cells = [cell(monday, monday, 10, 4), cell(monday, monday + 14, 5, 2, 1), cell(monday + 14, monday + 14, 3)]
    first, second = cohorts(cells, last_day=monday + 16)
    assert [found.share for found in first.retention] == [1.0, 0.0, 0.5]
    assert [found.share for found in first.reorders] == [0.0, None, 0.5]
    assert [found.heat for found in first.retention] == [10, 0, 10]
    assert [found.share for found in second.retention] == [1.0]


def test_the_cohorts_page_shows_who_came_back(as_analyst, built):
    answer = as_analyst.get("/data/cohorts/")
    (first, _none), (second, _ahead) = answer.context["cohorts"]
    assert (first.visitors, second.visitors) == (1, 2)
    assert first.retention[-1].share == 1.0


def test_targets_are_counted_listed_and_handed_out(as_analyst, built):
    answer = as_analyst.get("/data/crm/", {"rule": "cart-left"})
    assert [(row.carts, unit) for row, unit in answer.context["targets"]] == [(1, "bob")]
    day = noon(1).date().isoformat()
    lines = lines_of(as_analyst.get("/data/crm.csv", {"rule": "cart-left", "day": day}))
    assert lines[1].split(",")[:4] == [day, "cart-left", "1", "bob"]
    assert len(lines) == 2


@pytest.mark.parametrize("query", [{"page": "x"}, {"rule": "none"}, {"day": "x"}, {"day": "9999-99-99"}])
def test_odd_queries_of_targets_show_a_page(as_analyst, built, query):
    assert as_analyst.get("/data/crm/", query).status_code == 200


def test_a_lead_makes_a_rule_that_audiences_can_name_at_once(as_lead, built):
    assert as_lead.post("/data/crm/rules/", LIMITS).status_code == 302
    rule = CrmRule.objects.get(key="many-views")
    assert (rule.days, rule.most_carts, rule.cap) == (7, 0, 100)
    assert CrmList.objects.get(key="many-views").name == "Many views"
    assert "Many views" in text_of(as_lead.get("/data/crm/"))


def test_a_lead_changes_a_rule_but_not_its_key(as_lead, built):
    rule = CrmRule.objects.get(key="cart-left")
    given = {**LIMITS, "key": "another", "name": "Carts"}
    assert as_lead.post("/data/crm/rules/cart-left/change/", given).status_code == 302
    rule.refresh_from_db()
    assert (rule.key, rule.name, rule.least_views) == ("cart-left", "Carts", 5)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"least_views": 0}, None),
        ({"most_views": 1}, "most_views"),
        ({"days": 91}, "days"),
        ({"cap": 10_001}, "cap"),
        ({"cap": 0}, "cap"),
        ({"key": "cart-left"}, "key"),
        ({"key": "a b"}, "key"),
        ({"name": ""}, "name"),
        ({"priority": 99_999}, "priority"),
        ({"most_views": 3_000_000_000}, "most_views"),
    ],
)
def test_limits_that_cannot_be_are_refused_at_the_field(as_lead, db, change, field):
    answer = as_lead.post("/data/crm/rules/", {**LIMITS, **change})
    assert answer.status_code == 422
    assert (field or "__all__") in answer.context["form"].errors
    assert not CrmRule.objects.filter(name="Many views").exists()


@pytest.mark.parametrize("who", ["viewer", "analyst"])
def test_only_leads_edit_rules(client, request, who, db):
    client.force_login(request.getfixturevalue(who))
    assert client.get("/data/crm/rules/new/").status_code == 403
    assert client.get("/data/crm/rules/cart-left/").status_code == 403
    assert client.post("/data/crm/rules/", LIMITS).status_code == 403
    assert client.post("/data/crm/rules/cart-left/change/", LIMITS).status_code == 403
    assert "/data/crm/rules/new/" not in text_of(client.get("/data/crm/"))


def test_the_build_form_takes_an_engine_and_says_what_it_cannot_do(as_analyst, built):
    chosen = {"dataset": "received", "engine": "duckdb"}
    refused = as_analyst.post("/data/build/", {**chosen, "day": noon(1).date().isoformat()})
    assert refused.status_code == 422
    assert as_analyst.post("/data/build/", chosen).status_code == 302
    assert MartRun.objects.order_by("-pk")[0].engine == "duckdb"
    assert as_analyst.post("/data/build/", {"dataset": "received", "engine": "abacus"}).status_code == 422


@pytest.mark.parametrize("model", ["dataset", "importfile", "dailymetricrow", "userstatrow", "crmrule"])
def test_the_admin_lists_data_and_changes_none_of_it(client, admin, built, model):
    client.force_login(admin)
    answer = client.get(f"/admin/analytics/{model}/")
    assert answer.status_code == 200
    if model.endswith("row"):
        assert answer.context["cl"].result_count == (2 if model == "dailymetricrow" else 3)
        assert client.get(f"/admin/analytics/{model}/1/change/").status_code == 404
    if model != "crmrule":
        assert client.get(f"/admin/analytics/{model}/add/").status_code == 403
    filtered = client.get(f"/admin/analytics/{model}/", {"q": "ann"} if model == "userstatrow" else {})
    assert filtered.status_code == 200
