"""The page of data quality: asking for checks again, and how it follows them."""

import pytest

from analytics.models import CheckResult, GateRun
from analytics.quality.checks import checks
from analytics.tasks import run_checks
from novarium.portal.models import AuditEntry

pytestmark = pytest.mark.django_db
POLLING = "hx-get"


@pytest.fixture
def as_analyst(client, analyst):
    client.force_login(analyst)
    return client


def test_every_check_is_asked_again_and_the_page_follows_until_they_are_done(as_analyst, settings):
    assert POLLING not in as_analyst.get("/data/quality/live/").text
    answer = as_analyst.post("/data/quality/run/", {"dataset": "received"}, follow=True)
    asked = list(GateRun.objects.filter(requested_by__username="analyst"))
    assert {run.stage for run in asked} == {"before_marts", "before_kpis", "after"}
    assert "Every check waits for a worker or is running." in answer.text
    assert POLLING in as_analyst.get("/data/quality/live/?dataset=received").text
    for run in asked:
        run_checks(run.pk)
    assert POLLING not in as_analyst.get("/data/quality/live/").text
    told = set(CheckResult.objects.filter(run__in=asked).values_list("check_name", flat=True))
    assert told == {check.name for check in checks() if check.suits("received")}
    assert AuditEntry.objects.filter(action="quality.rerun", object_key="every").count() == 1


def test_a_viewer_reads_and_asks_for_nothing(client, viewer):
    client.force_login(viewer)
    assert "Check everything again" not in client.get("/data/quality/").text
    assert client.post("/data/quality/run/", {"dataset": "received"}).status_code == 403
    assert not GateRun.objects.exists()


def test_an_unknown_dataset_is_named_as_such(as_analyst):
    assert as_analyst.post("/data/quality/run/", {"dataset": "\0"}).status_code == 404
    assert as_analyst.get("/data/quality/live/", {"dataset": "nowhere"}).status_code == 404
