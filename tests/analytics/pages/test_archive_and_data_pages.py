"""The archive's and the Data Lab's pages, their files and their answers to bad input."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from analytics import decisions
from analytics.decisions import Reasons
from analytics.marts.runs import build
from analytics.models import ArchiveEntry, DailyMetric, MartRun
from experiments.features import revisions
from experiments.models import Experiment, Feature
from experiments.public import record
from experiments.running import lifecycle
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(winner, started, lead):
    return decisions.adopt(
        "hero-discount",
        run_number=1,
        variant="discount",
        expected_revision=1,
        reasons=Reasons(note="Sells", learning="Prices work"),
        actor=lead,
        stop_first=True,
    )


@pytest.fixture
def as_analyst(client, analyst):
    client.force_login(analyst)
    return client


def text_of(response):
    return response.content.decode()


def test_list_finds_by_word_and_says_when_nothing_fits(as_analyst, entry):
    assert "Hero discount" in text_of(as_analyst.get("/archive/", {"words": "prices"}))
    assert "No experiment fits" in text_of(as_analyst.get("/archive/", {"words": "riders"}))


def test_empty_archive_says_what_will_be_there(as_analyst):
    assert "Nothing was decided yet" in text_of(as_analyst.get("/archive/"))


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-13-01"},
        {"since": "2026-05-02", "until": "2026-05-01"},
        {"outcome": "maybe"},
        {"team": "nobody"},
        {"words": "x" * 201},
    ],
)
def test_bad_filter_is_refused_at_the_field(as_analyst, entry, query):
    assert as_analyst.get("/archive/", query).status_code == 422


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999"])
def test_strange_page_numbers_show_a_page(as_analyst, entry, page):
    assert as_analyst.get("/archive/", {"page": page}).status_code == 200


def test_entry_survives_the_experiment_being_reset(as_analyst, entry, analyst):
    lifecycle.reset(Experiment.objects.get(key="hero-discount"), actor=analyst)
    page = text_of(as_analyst.get(f"/archive/{entry.pk}/"))
    assert "1,010" in page
    assert "as they were decided on" in page


def test_entry_shows_the_rollback(as_analyst, entry, lead):
    feature = Feature.objects.get(key="home-hero-banner")
    revisions.rollback(feature, to=1, expected=2, actor=lead, note="Too loud")
    page = text_of(as_analyst.get(f"/archive/{entry.pk}/"))
    assert "rolled back to revision 1" in page
    assert "Too loud" in page


def test_analyst_rewords_the_note(as_analyst, entry):
    answer = as_analyst.post(f"/archive/{entry.pk}/note/", {"text": "Say the price first", "number": "1"})
    assert answer.status_code == 302
    page = text_of(as_analyst.get(f"/archive/{entry.pk}/"))
    assert "Say the price first" in page
    assert "Prices work" in page  # the earlier wording


@pytest.mark.parametrize("sent", [{"text": "", "number": "1"}, {"text": "x" * 5001, "number": "1"}, {"text": "x"}])
def test_bad_wording_is_refused_at_the_field(as_analyst, entry, sent):
    assert as_analyst.post(f"/archive/{entry.pk}/note/", sent).status_code == 422
    assert entry.notes.count() == 1


def test_entry_exports_its_frozen_results(as_analyst, entry):
    assert "hero-discount,1,ctr,oec,control" in text_of(as_analyst.get(f"/archive/{entry.pk}/report.csv"))
    assert as_analyst.get(f"/archive/{entry.pk}/report.json").json()["units"] == 2010


@pytest.fixture
def crisis(db):
    """Two weeks of a hundred visitors a day, of whom nobody clicks on the last whole day."""
    today = timezone.localtime().replace(hour=12, minute=0)
    events = []
    for days_ago in range(14, 0, -1):
        for number in range(20):
            at = today - timedelta(days=days_ago)
            events.append(event("page_view", f"v{days_ago}-{number}", at, page="home"))
            if days_ago > 1 and number < 6:
                events.append(event("click", f"v{days_ago}-{number}", at, component="x"))
    record(events=events)
    build()


def test_daily_page_shows_the_crisis(as_analyst, crisis):
    answer = as_analyst.get("/data/")
    assert "−100% against the usual 30.0%" in text_of(answer)
    marked = answer.context["rates"]["layout"]["shapes"]
    assert [shape["x0"][:10] for shape in marked] == [str(timezone.localdate() - timedelta(days=1))]


def test_the_day_that_goes_on_is_in_the_table_only(as_analyst, crisis):
    record(events=[event("page_view", "early", timezone.now(), page="home")])
    build()
    answer = as_analyst.get("/data/")
    today = str(timezone.localdate())
    assert "so far" in text_of(answer)
    assert answer.context["days"][0].date.isoformat() == today
    assert today not in answer.context["rates"]["data"][0]["x"]
    assert answer.context["last_whole"] == timezone.localdate() - timedelta(days=1)


def test_daily_csv_has_every_day(as_analyst, crisis):
    lines = b"".join(as_analyst.get("/data/daily.csv").streaming_content).decode().splitlines()
    assert lines[0].startswith("date,visitors")
    assert len(lines) == 15


def test_users_page_filters(as_analyst, crisis):
    assert "v1-0" in text_of(as_analyst.get("/data/users/", {"unit": "v1-0"}))
    assert "No user fits" in text_of(as_analyst.get("/data/users/", {"segment": "champion"}))
    assert as_analyst.get("/data/users/", {"segment": "king"}).status_code == 422
    assert as_analyst.get("/data/users.csv", {"segment": "king"}).status_code == 422
    lines = b"".join(as_analyst.get("/data/users.csv", {"unit": "v1-"}).streaming_content).decode().splitlines()
    assert len(lines) == 21


def test_pages_without_data_say_what_to_do(as_analyst):
    assert "No day is built yet" in text_of(as_analyst.get("/data/"))
    assert "No user is known yet" in text_of(as_analyst.get("/data/users/"))
    assert as_analyst.get("/data/builds/").status_code == 200
    assert "30 minutes of silence" in text_of(as_analyst.get("/data/dictionary/"))


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2999-01-01"])
def test_bad_day_is_refused_at_the_field(as_analyst, day):
    assert as_analyst.post("/data/build/", {"day": day}).status_code == 422
    assert not MartRun.objects.exists()


def test_viewer_may_not_build(client, viewer):
    client.force_login(viewer)
    assert client.post("/data/build/").status_code == 403
    assert not MartRun.objects.exists()


def test_queued_build_shows_in_the_log(as_analyst):
    assert as_analyst.post("/data/build/", {"day": str(date(2026, 5, 4))}).status_code == 302
    page = text_of(as_analyst.get("/data/builds/"))
    assert "Waiting for a worker" in page
    assert "hx-trigger" in page
    assert not DailyMetric.objects.exists()


def test_list_takes_few_queries(as_analyst, entry, django_assert_max_num_queries):
    as_analyst.get("/archive/")
    with django_assert_max_num_queries(12):
        as_analyst.get("/archive/")
    assert ArchiveEntry.objects.count() == 1


def test_text_of_a_program_is_no_formula_in_a_spreadsheet(as_analyst):
    record(events=[event("page_view", '=HYPERLINK("https://evil.example")', timezone.now(), page="home")])
    build()
    text = b"".join(as_analyst.get("/data/users.csv").streaming_content).decode()
    assert "\n\"'=HYPERLINK(" in text.replace("\r", "")
