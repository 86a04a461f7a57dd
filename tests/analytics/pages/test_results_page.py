"""The results page says what the report says, lives while it runs, and rests when it is stopped."""

import csv
import io
import json
from datetime import timedelta

import pytest

from analytics.results import compute
from analytics.results.hint import hint_of
from experiments.models import Experiment
from experiments.public import get_run_design
from experiments.running import lifecycle
from novarium.portal import numbers
from tests.analytics.traffic import store, visitors

pytestmark = pytest.mark.django_db

PAGE = "/experiments/hero-discount/results/"


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def leading(client, lead):
    client.force_login(lead)
    return client


def text_of(response):
    return response.content.decode()


def test_page_shows_the_numbers_of_the_report(reader, winner):
    page = text_of(reader.get(PAGE))
    report = compute(get_run_design("hero-discount"))
    row = report.oec.comparisons[0]
    assert "Ready to adopt" in page or "guardrails open" in page
    assert numbers.signed_percent(row.lift) in page
    assert numbers.percent(report.oec.arms[0].value, digits=2) in page
    assert "1,010" in page
    assert "Where do these numbers come from?" in page
    assert "from experiment.experiments_event" in page
    assert "Fieller 1954" in page


def test_page_polls_while_running_and_stops_when_stopped(reader, winner, started, analyst):
    assert 'hx-trigger="every' in text_of(reader.get(PAGE))
    lifecycle.stop(started.experiment, actor=analyst)
    page = text_of(reader.get(f"{PAGE}live/"))
    assert 'id="results"' in page
    assert "hx-trigger" not in page


def test_polling_answers_nothing_while_the_data_stay_the_same(reader, winner):
    version = reader.get(PAGE).context["version"]
    assert reader.get(f"{PAGE}live/", {"seen": version}).status_code == 204
    assert reader.get(f"{PAGE}live/", {"seen": "older"}).status_code == 200


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("draft", "was not launched"),
        ("running", "No exposures yet"),
        ("stopped", "Nobody was exposed"),
    ],
)
def test_empty_page_says_why(reader, draft, analyst, state, sentence):
    if state != "draft":
        lifecycle.launch(draft, actor=analyst)
    if state == "stopped":
        lifecycle.stop(draft, actor=analyst)
    assert sentence in text_of(reader.get(PAGE))


def test_peeking_is_warned_of_before_the_planned_sample(reader, winner, started):
    report = compute(get_run_design("hero-discount"))
    assert not hint_of(report, get_run_design("hero-discount").design).peeking
    run = get_run_design("hero-discount")
    early = type(report)(
        **{
            **{name: getattr(report, name) for name in report.__slots__},
            "progress": type(report.progress)(planned=9000, reached=2010, daily_rate=100.0, days_left=69.9),
        }
    )
    hint = hint_of(early, run.design)
    assert (hint.tone, "2,010 of 9,000" in hint.peeking, "about 70 days" in hint.then) == ("warn", True, True)


@pytest.mark.parametrize(("step", "has_line"), [(timedelta(0), False), (timedelta(seconds=2), True)])
def test_difference_of_one_moment_is_no_line(reader, started, step, has_line):
    rates = {"control": 0.3, "discount": 0.5}
    spend = {"control": 20000, "discount": 20000}
    arms = {"control": 40, "discount": 40}
    store(started, visitors(started, per_variant=arms, click_rate=rates, order_rate=rates, spend=spend, step=step))
    answer = reader.get(PAGE)
    assert answer.context["report"].bucket == "second"
    assert ("A line needs two moments" in text_of(answer)) is not has_line
    assert ('data-chart="difference-over-time"' in text_of(answer)) is has_line


def test_tabs_and_status_are_those_of_the_experiments_other_pages(reader, winner):
    page = text_of(reader.get(PAGE))
    assert "Running" in page
    assert all(f'href="/experiments/hero-discount/{part}"' in page for part in ("", "results/", "swarm/", "history/"))


def test_earlier_run_stays_readable_after_a_reset(reader, winner, started, analyst):
    lifecycle.stop(started.experiment, actor=analyst)
    lifecycle.reset(Experiment.objects.get(pk=started.experiment_id), actor=analyst)
    page = text_of(reader.get(PAGE, {"run": "1"}))
    assert "This is an earlier run" in page
    assert "1,010" in page


@pytest.mark.parametrize("run", ["0", "7", "x", "-1", "²", "99999999999999999999"])
def test_unknown_run_is_not_found(reader, winner, run):
    assert reader.get(PAGE, {"run": run}).status_code == 404


def test_unknown_experiment_is_not_found(reader, winner):
    assert reader.get("/experiments/nothing/results/").status_code == 404


def test_exports_hold_the_report(reader, winner):
    report = compute(get_run_design("hero-discount"))
    rows = list(csv.DictReader(io.StringIO(text_of(reader.get(f"{PAGE}report.csv")))))
    assert [(row["metric"], row["variant"]) for row in rows] == [
        ("ctr", "control"),
        ("ctr", "discount"),
        ("aov", "control"),
        ("aov", "discount"),
    ]
    assert float(rows[1]["p_value"]) == report.oec.comparisons[0].p_value
    assert rows[3]["guardrail_verdict"] == report.guardrails[0].comparisons[0].guardrail.verdict
    plain = json.loads(text_of(reader.get(f"{PAGE}report.json")))
    assert plain["metrics"][0]["comparisons"][0]["difference"] == report.oec.comparisons[0].difference


def test_export_without_results_is_not_found(reader, running):
    assert reader.get(f"{PAGE}report.csv").status_code == 404


def test_polled_page_takes_few_queries(reader, winner, django_assert_max_num_queries):
    reader.get(PAGE)
    with django_assert_max_num_queries(16):
        reader.get(f"{PAGE}live/", {"seen": "older"})


def form(**changes):
    return {
        "run": "1",
        "stop_first": "True",
        "revision": "1",
        "variant": "discount",
        "note": "More clicks",
        "learning": "Prices work",
        "override": "",
        **changes,
    }


def test_lead_adopts_on_the_page(leading, winner):
    assert "Stop and adopt" in text_of(leading.get(f"{PAGE}decide/"))
    answer = leading.post(f"{PAGE}adopt/", form())
    assert answer.status_code == 302
    assert answer.url.startswith("/archive/")
    entry = text_of(leading.get(answer.url))
    assert "Prices work" in entry
    assert "Discount was adopted" in entry
    assert "This run was decided: adopted." in text_of(leading.get(PAGE))
    assert leading.get(f"{answer.url}print/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"note": ""}, "This field is required."),
        ({"learning": " "}, "This field is required."),
        ({"variant": "control"}, "Select a valid choice"),
        ({"variant": "<b>"}, "Select a valid choice"),
        ({"run": "x"}, "Open the page again"),
        ({"revision": ""}, "Open the page again"),
        ({"note": "x" * 5001}, "at most 5000"),
        ({"note": "a\x00b"}, "Null characters"),
    ],
)
def test_bad_decision_answers_at_the_field_and_changes_nothing(leading, winner, changes, sentence):
    answer = leading.post(f"{PAGE}adopt/", form(**changes))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert Experiment.objects.get(key="hero-discount").status == "running"


@pytest.mark.parametrize("changes", [{"revision": "9"}, {"run": "9"}, {"stop_first": ""}])
def test_stale_decision_is_a_conflict(leading, winner, changes):
    assert leading.post(f"{PAGE}adopt/", form(**changes)).status_code == 409
    assert Experiment.objects.get(key="hero-discount").status == "running"


def test_objection_asks_for_a_reason_at_the_field(leading, started):
    answer = leading.post(f"{PAGE}adopt/", form())
    assert answer.status_code == 422
    assert "Say why you adopt it anyway." in text_of(answer)
    assert leading.post(f"{PAGE}adopt/", form(override="A rehearsal")).status_code == 302


def test_lead_rejects_on_the_page(leading, winner):
    sent = {f"reject-{name}": value for name, value in form().items()}
    answer = leading.post(f"{PAGE}reject/", sent)
    assert answer.status_code == 302
    assert "Rejected" in text_of(leading.get(answer.url))


def test_page_is_readable_in_korean(client, viewer, winner):
    viewer.language = "ko"
    viewer.save()
    client.force_login(viewer)
    assert client.get(PAGE).status_code == 200
