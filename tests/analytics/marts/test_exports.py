"""The reports of a day: the files, what is in them, and that a gate holds them."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from analytics.marts import gates
from analytics.marts.exports import file_names
from analytics.marts.runs import build, resume_build, run_build
from analytics.quality.checks import checks
from experiments.public import record
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 4)


@pytest.fixture
def built(db):
    at = datetime(2026, 5, 4, 3, tzinfo=UTC)
    record(
        events=[
            event("page_view", "anna", at, page="home"),
            event("add_to_cart", "anna", at, dish="d", restaurant="noodles", quantity=1),
            event("page_view", "=ben", at, page="home"),
            event("add_to_cart", "=ben", at, dish="d", restaurant="noodles", quantity=1),
            event("purchase", "anna", at, 20000, order="a"),
        ]
    )
    build(DAY)


def test_command_writes_every_file(built, tmp_path, capsys):
    call_command("export_reports", "--date", str(DAY), "--folder", str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(file_names())
    funnel = list(csv.DictReader(io.StringIO((tmp_path / "funnel.csv").read_text())))
    assert funnel == [
        {
            "day": "2026-05-04", "visitors": "2", "viewers": "2", "carters": "2", "buyers": "1",
            "viewing_carters": "2", "viewing_carting_buyers": "1",
        }
    ]  # fmt: skip
    targets = list(csv.DictReader(io.StringIO((tmp_path / "crm_targets.csv").read_text())))
    assert [row["unit"] for row in targets if row["rule"] == "cart-left"] == ["'=ben"] or not targets
    assert "20,000" in (tmp_path / "summary.txt").read_text()


def test_parquet_holds_the_same_rows(built, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    call_command("export_reports", "--date", str(DAY), "--folder", str(tmp_path))
    rows = duckdb.sql(f"select day, visitors, buyers from '{tmp_path}/funnel.parquet'").fetchall()  # noqa: S608
    assert rows == [(DAY, 2, 1)]


@pytest.mark.parametrize("arguments", [["--date", "2026-05-05"], ["--date", "soon"], ["--dataset", "none"]])
def test_command_refuses_what_is_not_built(built, tmp_path, arguments):
    with pytest.raises(CommandError):
        call_command("export_reports", *arguments, "--folder", str(tmp_path))


@pytest.fixture
def closed_gate(db):
    """A gate before the KPIs that finds something."""
    found = gates._gates["marts"]
    found.append(lambda _scope: [gates.Hold("two orders have one number")])
    yield
    found.pop()


def test_gate_holds_the_kpis_and_the_reports(built, closed_gate, tmp_path, client, analyst):
    run = build(DAY)
    stages = {stage.name: stage.status for stage in run.stages.all()}
    assert (run.status, stages["facts"], stages["gate_marts"], stages["daily_metrics"]) == (
        "held",
        "done",
        "held",
        "held",
    )
    with pytest.raises(CommandError, match="two orders have one number"):
        call_command("export_reports", "--date", str(DAY), "--folder", str(tmp_path))
    client.force_login(analyst)
    assert "two orders have one number" in client.get("/data/reports/").content.decode()
    assert client.get(f"/data/reports/received/{DAY}/funnel.csv").status_code == 409


def test_held_build_goes_on_once_the_gate_is_open(built, analyst):
    found = gates._gates["marts"]
    found.append(lambda _scope: [gates.Hold("not yet")])
    try:
        run = build(DAY)
    finally:
        found.pop()
    assert run.status == "held"
    assert run_build(resume_build(run, actor=analyst)).status == "done"


def test_page_hands_out_the_files(built, client, analyst):
    client.force_login(analyst)
    page = client.get("/data/reports/", {"dataset": "received", "day": str(DAY)}).content.decode()
    for name in file_names():
        address = f"/data/reports/received/{DAY}/{name}"
        assert address in page
        assert client.get(address).status_code == 200
    assert client.get(f"/data/reports/received/{DAY}/secrets.csv").status_code == 404
    assert client.get("/data/reports/received/yesterday/funnel.csv").status_code == 404
    assert client.get("/data/reports/", {"day": "yesterday"}).status_code == 422


def test_lineage_draws_every_model(client, analyst):
    client.force_login(analyst)
    page = client.get("/data/lineage/").content.decode()
    for name in ("experiments_event", "stg_events", "fact_sessions", "cohort_weekly", "user_stats"):
        assert name in page


def test_every_table_leads_to_the_checks_that_read_it(client, analyst):
    client.force_login(analyst)
    graph = client.get("/data/lineage/").content.decode()
    words = client.get("/data/dictionary/").content.decode()
    anchors = set(re.findall(r'id="([^"]+)"', words))
    wanted = set(re.findall(r'/data/dictionary/#([^"]+)"', graph)) | set(re.findall(r'href="#([^"]+)"', words))
    assert wanted - anchors <= {"main"}
    assert {"fact_events-checks", "experiments_event-checks", "loaded_events-checks"} <= wanted
    assert "2 checks read fact_events" in graph
    assert "stg_events-checks" not in wanted


def test_dictionary_says_of_each_check_what_its_header_says(client, analyst):
    client.force_login(analyst)
    words = html.unescape(client.get("/data/dictionary/").content.decode())
    for check in checks():
        entry = words.partition(f'id="check-{check.name}"')[2].partition("</article>")[0]
        assert check.action in entry
        assert check.model.description in entry
        assert {"block": "blocks", "warn": "warns"}[check.severity] in entry
        assert {"analyst": "Analysts", "lead": "Leads", "admin": "Administrators"}[check.owner] in entry
        assert all(f"<code>{table}</code>" in entry for table in check.tables)


def test_checks_of_received_events_read_no_imported_log():
    tables = {check.name: check.tables for check in checks()}
    assert tables["clock_skew"] == ("zone_offset", "simulation_historyevent", "experiments_event")
    assert "analytics_rawcdnowpurchase" in tables["missing_keys"]
    assert "storefront_order" in tables["refund_without_order"]
