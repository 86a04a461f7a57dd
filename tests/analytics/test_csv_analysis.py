"""One CSV file from reading to report."""

import io
import json
from pathlib import Path

import pytest

from analytics.csv_analysis import CsvError, CsvRequest, analyse_csv, render_text
from analytics.stats import Mean, Proportion, Reason
from analytics.stats.document import as_document, report_document

DATA = Path(__file__).parents[1] / "data"
SMALL = "user,arm,spend,bought,before\n1,A,3,0,1\n2,A,5,1,2\n3,B,6,1,2\n4,B,9,0,4\n5,A,,1,0\n6,,1,1,1\n\n7,B,4,0,1\n"
REQUEST = CsvRequest(unit="user", variant="arm", metrics=("spend", "bought"))


def run(text: str, **changes):
    request = CsvRequest(**{"unit": "user", "variant": "arm", "metrics": ("spend",)} | changes)
    return analyse_csv(file=io.StringIO(text), request=request)


def test_published_result_of_the_incentive_trial():
    with (DATA / "thornton_hiv.csv").open(encoding="utf-8", newline="") as file:
        analysis = analyse_csv(file=file, request=CsvRequest(variant="any", metrics=("got",)))
    row = analysis.report.row(metric="got")
    assert row.metric.measure == Proportion(value="got")
    assert (round(row.control.value, 3), round(row.treatment.value, 3)) == (0.339, 0.789)
    assert (row.control.arm, row.treatment.arm) == ("0.0", "1.0")
    assert analysis.rows == 4820
    assert analysis.skipped > 0
    assert analysis.report.sample_ratio.reason is Reason.NO_WEIGHTS


def test_covariates_narrow_the_job_training_result():
    def error(*covariates):
        request = CsvRequest(variant="treat", metrics=("re78",), covariates=covariates)
        with (DATA / "nsw_mixtape.csv").open(encoding="utf-8", newline="") as file:
            return analyse_csv(file=file, request=request).report.row(metric="re78").standard_error

    assert error("re74", "re75", "educ") < error()


def test_missing_values_and_variants_are_left_out_and_counted():
    analysis = run(SMALL, metrics=("spend", "bought"))
    assert (analysis.rows, analysis.skipped, analysis.missing) == (7, 1, {"spend": 1, "bought": 0})
    row = analysis.report.row(metric="spend")
    assert (row.control.units, row.treatment.units, row.metric.measure) == (2, 3, Mean(value="spend"))


def test_control_and_allocation_can_be_named():
    many = "user,arm,spend\n" + "".join(f"{i},{'AB'[i % 2]},{i % 7}\n" for i in range(100))
    analysis = run(many, control="B", weights={"A": 1, "B": 1})
    assert analysis.report.treatments == ("A",)
    assert analysis.report.sample_ratio.p_value == 1.0


@pytest.mark.parametrize(
    ("text", "changes", "message"),
    [
        ("", {}, "line 1: the file is empty"),
        ("user,arm\n", {}, "line 1: no column 'spend'"),
        ("user,arm,spend,spend\n1,A,2,2\n", {}, "line 1: column 'spend' appears twice"),
        ("user,arm,spend\n", {}, "no rows"),
        ("user,arm,spend\n1,A,2\n2,B\n", {}, "line 3: 2 fields where the header has 3"),
        ("user,arm,spend\n1,A,two\n", {}, "line 2: 'two' in column 'spend' is not a number"),
        ("user,arm,spend\n1,A,inf\n", {}, "line 2: 'inf'"),
        ("user,arm,spend\n1,A,2\n\n1,B,3\n", {}, "line 4: unit '1' was already on line 2"),
        ('user,arm,spend\n1,A,"2\n', {}, "line 2: unexpected end of data"),
        ("user,arm,spend\n1,A,2\n2,A,3\n", {}, r"holds 1 variant\(s\)"),
        (SMALL, {"control": "Z"}, "no row has the variant 'Z'; variants are A, B"),
        (SMALL, {"weights": {"Q": 1.0}}, "no row has the variant 'Q'"),
    ],
)
def test_errors_name_their_line(text, changes, message):
    with pytest.raises(CsvError, match=message):
        run(text, **changes)


def test_text_says_what_was_found():
    many = "user,arm,spend,flat\n" + "".join(
        f"{i},{'AB'[i % 3 == 0]},{i % 7 + 9 * (i % 3 == 0)},1\n" for i in range(300)
    )
    text = render_text(run(many, metrics=("spend", "flat"), weights={"A": 1, "B": 1}))
    assert "300 rows; control A; alpha 0.05" in text
    assert "MISMATCH" in text
    assert "spend (mean): B against A" in text
    assert "lift +" in text
    assert "corrected (holm)" in text
    assert "not computed: zero_variance" in text


def test_text_of_gaps_covariates_and_missing_lifts():
    rows = [(i, "AB"[i % 2], (-1) ** (i // 2) * 5 + (i % 2) * 9 + i % 3, i // 2 % 2) for i in range(200)]
    lines = "".join(f"{u},{a},{'' if u == 7 else v},{x}\n" for u, a, v, x in rows) + "900,,1,1\n"
    text = render_text(run("user,arm,spend,before\n" + lines, covariates=("before",), weights={"A": 1, "B": 1}))
    assert "1 rows without a variant were left out" in text
    assert "1 rows without a value were left out" in text
    assert "as planned" in text
    assert "variance reduced by" in text


def test_no_lift_is_explained():
    lines = "".join(f"{i},{'AB'[i % 2]},{(i // 2) % 3 - 1 + 5 * (i % 2)}\n" for i in range(600))
    assert "no lift: baseline_near_zero" in render_text(run("user,arm,spend\n" + lines))


def test_document_is_json_without_infinities():
    document = report_document(run(SMALL, metrics=("spend", "bought")).report)
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again["comparisons"][0]["metric"]["name"] == "spend"
    assert again["comparisons"][0]["reason"] is None
    assert again["sample_ratio"]["reason"] == "no_weights"
    assert again["control"] == "A"
    with pytest.raises(TypeError, match="no place"):
        as_document({1, 2})
    assert as_document({"a": (1.5, float("inf"))}) == {"a": [1.5, None]}
