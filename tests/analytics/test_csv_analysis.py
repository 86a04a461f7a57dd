"""One CSV file from reading to report."""

import io
import json
from pathlib import Path

import pytest

from analytics.csv_analysis import CsvError, CsvRequest, analyse_csv
from analytics.csv_report import analysis_document, render_text
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


SEGMENTED = "user,arm,group,country,before\n" + "".join(
    f"{i},{'AB'[i % 2]},{i % 5 + 3 * (i % 2) * (i % 3 == 0)},{('kr', 'de', 'us')[i % 3]},{i % 11}\n" for i in range(600)
)


def test_segments_are_analysed_and_compared_within():
    analysis = run(SEGMENTED, metrics=("group",), segment="country")
    assert analysis.by_segment.moments.segments == ("de", "kr", "us")
    effects = [analysis.by_segment.row(metric="group", segment=name).difference for name in ("de", "kr", "us")]
    within = analysis.stratified.row(metric="group").difference
    assert within == pytest.approx(sum(effects) / 3, rel=1e-9)
    text = render_text(analysis)
    assert "within segments: +" in text
    assert "do segments differ? Q = " in text
    assert "    kr: +3" in text
    document = analysis_document(analysis)
    assert document["by_segment"]["heterogeneity"][0]["p_value"] < 0.001
    assert document["stratified"]["comparisons"][0]["difference"] == within
    assert json.dumps(document, allow_nan=False)


def test_columns_may_be_called_as_the_file_likes():
    """``group`` is a name of the code that adds up the columns."""
    assert run(SEGMENTED, metrics=("group",), covariates=("before",)).report.row(metric="group").reason is None


def test_rows_without_a_segment_are_left_out_and_too_few_units_are_named():
    text = "user,arm,spend,country\n1,A,3,kr\n2,A,5,kr\n3,B,6,kr\n4,B,9,kr\n5,A,2,\n6,B,1,de\n7,A,1,de\n"
    analysis = run(text, segment="country")
    assert analysis.skipped == 1
    rendered = render_text(analysis)
    assert "1 rows without a variant or segment were left out" in rendered
    assert "de: not computed: one_unit" in rendered
    assert "within segments: not computed: small_stratum" in rendered
    assert "do segments differ? not computed: too_few_segments" in rendered


def test_an_outcome_cannot_explain_itself():
    with pytest.raises(CsvError, match="'spend' cannot be an outcome and a covariate"):
        run(SMALL, covariates=("spend",))


def test_a_unit_without_a_name_is_named_by_its_line():
    with pytest.raises(CsvError, match="line 3: the unit has no name"):
        run("user,arm,spend\n1,A,2\n,B,3\n")
