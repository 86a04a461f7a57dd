"""Results and the archive for programs."""

import pytest
from rest_framework.test import APIClient

from analytics import decisions
from analytics.decisions import Reasons
from analytics.results import compute
from experiments.public import get_run_design

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(viewer):
    client = APIClient()
    client.force_login(viewer)
    return client


@pytest.fixture
def entry(winner, started, lead):
    return decisions.reject(
        "hero-discount", run_number=1, reasons=Reasons(note="n", learning="learned"), actor=lead, stop_first=True
    )


def test_results_are_those_of_the_page(program, winner):
    answer = program.get("/api/v1/experiments/hero-discount/results/").json()
    report = compute(get_run_design("hero-discount"))
    assert answer["metrics"][0]["comparisons"][0]["p_value"] == report.oec.comparisons[0].p_value
    assert answer["sample_ratio"]["p_value"] == report.sample_ratio.p_value


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/experiments/nothing/results/",
        "/api/v1/experiments/hero-discount/results/?run=9",
        "/api/v1/experiments/hero-discount/results/?run=x",
        "/api/v1/archive/999/",
    ],
)
def test_what_is_not_there_is_a_problem(program, winner, address):
    answer = program.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["detail"]


def test_no_exposure_is_a_problem_that_says_so(program, running):
    assert program.get("/api/v1/experiments/hero-discount/results/").json()["detail"] == "There are no results yet."


def test_archive_lists_filters_and_details(program, entry):
    (found,) = program.get("/api/v1/archive/", {"words": "learned", "outcome": "rejected"}).json()["results"]
    assert (found["experiment_key"], found["team"]) == ("hero-discount", "novaeats")
    assert program.get("/api/v1/archive/", {"outcome": "adopted"}).json()["results"] == []
    detail = program.get(f"/api/v1/archive/{entry.pk}/").json()
    assert detail["learning"]["text"] == "learned"
    assert detail["result"]["units"] == 2010
    assert detail["design"]["key"] == "hero-discount"


@pytest.mark.parametrize(
    "query", [{"outcome": "maybe"}, {"since": "x"}, {"since": "2026-02-02", "until": "2026-02-01"}]
)
def test_bad_filter_is_a_problem_at_the_field(program, entry, query):
    answer = program.get("/api/v1/archive/", query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert set(answer.json()["errors"]) <= {"outcome", "since", "until"}


def test_bad_cursor_is_a_problem(program, entry):
    assert program.get("/api/v1/archive/", {"cursor": "x"}).status_code == 404


def test_unchanged_results_are_not_sent_twice(program, winner):
    first = program.get("/api/v1/experiments/hero-discount/results/")
    again = program.get("/api/v1/experiments/hero-discount/results/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


DECISION = {"run": 1, "note": "n", "learning": "l"}


def test_a_decision_names_its_objections_and_its_conflicts(program, winner, lead):
    address = "/api/v1/experiments/hero-discount/"
    assert program.post(f"{address}reject/", DECISION, format="json").status_code == 403
    program.force_login(lead)
    adopt = {**DECISION, "variant": "discount", "expected_revision": 1}
    assert program.post(f"{address}adopt/", adopt, format="json").status_code == 409
    wrong = program.post(f"{address}adopt/", {**adopt, "variant": "control", "stop_first": True}, format="json")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["variant"])
    assert program.post(f"{address}adopt/", {**DECISION, "variant": "discount"}, format="json").status_code == 400
    made = program.post(f"{address}adopt/", {**adopt, "stop_first": True}, format="json")
    assert (made.status_code, made.json()["outcome"]) == (201, "adopted")
    assert program.post(f"{address}reject/", DECISION, format="json").status_code == 409
    (adoption,) = program.get("/api/v1/adoptions/", {"feature": "home-hero-banner"}).json()["results"]
    assert (adoption["experiment"], adoption["variant"], adoption["decided_by"]) == (
        "hero-discount",
        "discount",
        "lead",
    )


def test_what_was_learned_is_reworded_from_what_was_read(program, entry, analyst):
    address = f"/api/v1/archive/{entry.pk}/learning/"
    assert program.post(address, {"text": "x", "expected_number": 1}, format="json").status_code == 403
    program.force_login(analyst)
    assert program.post(address, {"text": "better", "expected_number": 1}, format="json").json()["number"] == 2
    assert program.post(address, {"text": "late", "expected_number": 1}, format="json").status_code == 409
