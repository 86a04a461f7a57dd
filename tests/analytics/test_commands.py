"""The commands `analyse_csv` and `calibrate` as a terminal sees them."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, ManagementUtility, call_command

from analytics.stats.calibration import Kind, Row, document

DATA = Path(__file__).parents[1] / "data"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("analyse_csv", *arguments, stdout=out)
    return out.getvalue()


def comparison(*arguments: str) -> dict:
    return json.loads(run(*arguments, "--json"))["comparisons"][0]


def test_incentive_trial_has_its_published_shares():
    found = comparison(str(DATA / "thornton_hiv.csv"), "--variant", "any", "--metric", "got")
    assert round(found["control"]["value"], 3) == 0.339
    assert round(found["treatment"]["value"], 3) == 0.789
    assert (found["control"]["units"], found["treatment"]["units"]) == (623, 2211)
    assert found["significant"]
    text = run(str(DATA / "thornton_hiv.csv"), "--variant", "any", "--metric", "got")
    assert "0.0: 0.338684 (n = 623)" in text
    assert "1.0: 0.789236 (n = 2,211)" in text


def test_job_training_has_its_published_difference_and_covariates_sharpen_it():
    arguments = (str(DATA / "nsw_mixtape.csv"), "--variant", "treat", "--metric", "re78")
    plain = comparison(*arguments)
    assert round(plain["difference"]) == 1794
    # 633 is published for one variance in both arms; each arm's own gives 671.
    assert round(plain["standard_error"]) == 671
    adjusted = comparison(*arguments, "--covariate", "re74", "--covariate", "educ")
    assert adjusted["standard_error"] < plain["standard_error"]
    assert adjusted["metric"]["covariates"] == ["re74", "educ"]


@pytest.fixture
def applicants(tmp_path):
    """The admissions as one row per applicant: the data set counts and rounds to whole percents."""
    path = tmp_path / "applicants.csv"
    with (DATA / "admissions.csv").open(encoding="utf-8", newline="") as file, path.open("w", encoding="utf-8") as out:
        out.write("applicant,gender,major,admitted\n")
        number = 0
        for row in csv.DictReader(file):
            count = round(float(row["applicants"]))
            admitted = round(count * float(row["admitted"]) / 100)
            for place in range(count):
                number += 1
                out.write(f"{number},{row['gender']},{row['major']},{int(place < admitted)}\n")
    return str(path)


def test_admissions_reverse_within_majors(applicants):
    arguments = (applicants, "--unit", "applicant", "--variant", "gender", "--metric", "admitted", "--control", "men")
    report = json.loads(run(*arguments, "--segment", "major", "--json"))
    whole = report["comparisons"][0]
    assert round(whole["control"]["value"], 3) == 0.445
    assert round(whole["treatment"]["value"], 3) == 0.304  # 30.3% published; percents are rounded
    assert whole["interval"]["upper"] < 0
    ahead = [row["segment"] for row in report["by_segment"]["comparisons"] if row["difference"] > 0]
    assert ahead == ["A", "B", "D", "F"]
    assert report["stratified"]["comparisons"][0]["difference"] > 0
    assert report["by_segment"]["heterogeneity"][0]["p_value"] < 0.05
    text = run(*arguments, "--segment", "major")
    assert "do segments differ? Q = " in text
    assert "    A: +" in text


def test_planned_weights_are_tested(applicants):
    text = run(applicants, "--variant", "gender", "--metric", "admitted", "--weight", "men=1", "--weight", "women=1")
    assert "MISMATCH" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"arm,spend\nA,1\nB,two\n", "line 3: 'two' in column 'spend' is not a number"),
        (b"arm,spend\nA,1\nB,2,3\n", "line 3: 3 fields where the header has 2"),
        (b"arm,spend\nA,1\nB,\xff\n", "line 3: not UTF-8 text"),
        (b"arm,cost\nA,1\n", "line 1: no column 'spend'; columns are arm, cost"),
        (b"arm,spend\nA,1\nA,2\n", "a comparison needs two"),
        (b"", "line 1: the file is empty"),
    ],
)
def test_faults_of_the_file_are_named_by_line(tmp_path, content, message):
    path = tmp_path / "faulty.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=message) as caught:
        run(str(path), "--variant", "arm", "--metric", "spend")
    assert caught.value.returncode == 1
    assert str(path) in str(caught.value)


def test_a_mark_before_the_header_is_no_part_of_it(tmp_path):
    path = tmp_path / "marked.csv"
    path.write_bytes("\ufeffarm,spend\nA,1\nA,2\nB,3\nB,5\n".encode())
    assert comparison(str(path), "--variant", "arm", "--metric", "spend")["difference"] == 2.5


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(str(tmp_path / "nowhere.csv"), "--variant", "arm", "--metric", "spend")


@pytest.mark.parametrize("wrong", [("--alpha", "2"), ("--alpha", "x"), ("--weight", "A"), ("--weight", "A=-1")])
def test_a_wrong_option_is_the_status_of_a_wrong_command(wrong, capsys):
    with pytest.raises(SystemExit) as caught:
        ManagementUtility(
            ["manage.py", "analyse_csv", "file.csv", "--variant", "arm", "--metric", "spend", *wrong]
        ).execute()
    assert caught.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_one_scenario_is_run_and_printed():
    out = io.StringIO()
    call_command("calibrate", "--only", "planned mean", stdout=out, stderr=io.StringIO())
    assert "| Sample size | mean, 2:1, CUPED | power | 0.800 |" in out.getvalue()


def test_a_part_is_not_written():
    with pytest.raises(CommandError, match="--only"):
        call_command("calibrate", "--only", "planned mean", "--write")


def test_the_document_is_that_of_the_scenarios():
    text = (Path(__file__).parents[2] / "docs" / "calibration.md").read_text(encoding="utf-8")
    out = io.StringIO()
    call_command("calibrate", "--only", "means", stdout=out, stderr=io.StringIO())
    for line in out.getvalue().splitlines()[2:]:
        assert line in text


def test_the_document_counts_what_was_not_kept():
    row = Row(method="m", scenario="s", quantity="q", nominal=0.05, kind=Kind.EQUAL, observed=0.2, simulations=10_000)
    assert "0 of 1 promises are kept" in document([row])
