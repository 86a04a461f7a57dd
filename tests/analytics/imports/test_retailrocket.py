"""RetailRocket's form: what is taken, what is refused and why, and how an import goes on."""

from __future__ import annotations

import gzip
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analytics.imports.datasets import importing, open_dataset
from analytics.imports.loading import import_log
from analytics.imports.reading import LONGEST_LINE
from analytics.models import (
    Dataset,
    ImportFile,
    RawRetailRocketCategory,
    RawRetailRocketEvent,
    RawRetailRocketProperty,
    RejectedLine,
)

pytestmark = pytest.mark.django_db
HEADING = "timestamp,visitorid,event,itemid,transactionid\n"
GOOD = (
    "1433221332117,257597,view,355908,",
    "1433221332117,257597,view,355908,",
    "1433224214164,992329,addtocart,248676,",
    "1433224214165,992329,transaction,248676,4000",
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "events.csv").write_text(HEADING + "".join(f"{line}\n" for line in GOOD))
    (tmp_path / "category_tree.csv").write_text("categoryid,parentid\n1016,213\n231,\n")
    (tmp_path / "item_properties_part1.csv").write_text(
        "timestamp,itemid,property,value\n1435460400000,460429,categoryid,1338\n1441508400000,206783,888,"
        "1116713 960601 n277.200\n"
    )
    with gzip.open(tmp_path / "item_properties_part2.csv.gz", "wt") as file:
        file.write("timestamp,itemid,property,value\n1433041200000,183478,561," + "한" * 700 + "\n1433041200000,1,790,")
    return tmp_path


def retailrocket(folder, **options) -> str:
    out = StringIO()
    call_command("import_retailrocket", folder, stdout=out, **options)
    return out.getvalue()


def refused(name: str = "events.csv") -> list[tuple[int, str, str]]:
    return list(RejectedLine.objects.filter(file__name=name).values_list("line", "reason", "text"))


def test_every_file_becomes_rows_as_they_were_received(folder):
    said = retailrocket(folder)
    dataset = Dataset.objects.get(key="retailrocket")
    events = RawRetailRocketEvent.objects.filter(dataset_id=dataset.pk)
    assert list(events.values_list("line", "at_ms", "visitor", "event", "item", "transaction")) == [
        (2, 1433221332117, 257597, "view", 355908, None),
        (3, 1433221332117, 257597, "view", 355908, None),
        (4, 1433224214164, 992329, "addtocart", 248676, None),
        (5, 1433224214165, 992329, "transaction", 248676, 4000),
    ]
    assert list(RawRetailRocketCategory.objects.values_list("line", "category", "parent")) == [
        (2, 1016, 213),
        (3, 231, None),
    ]
    assert list(RawRetailRocketProperty.objects.values_list("part", "line", "at_ms", "item", "property", "value")) == [
        (1, 2, 1435460400000, 460429, "categoryid", "1338"),
        (1, 3, 1441508400000, 206783, "888", "1116713 960601 n277.200"),
        (2, 2, 1433041200000, 183478, "561", "한" * 700),
        (2, 3, 1433041200000, 1, "790", ""),
    ]
    assert set(dataset.files.values_list("status", flat=True)) == {ImportFile.Status.DONE}
    assert "5 lines, 0 refused" in said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1433221332117,257597,view,355908", "columns"),
        (b"1433221332117,257597,view,355908,,", "columns"),
        (b"", "columns"),
        (b"1433221332117,257597,look,355908,", "event"),
        (b"1433221332117,257597,View,355908,", "event"),
        (b"1433221332117,257597,,355908,", "event"),
        (b"1433221332117,me,view,355908,", "number"),
        (b"1433221332117,-5,view,355908,", "number"),
        (b"1433221332117, 5,view,355908,", "number"),
        (b"1433221332117,5.0,view,355908,", "number"),
        (b"1433221332117,,view,355908,", "number"),
        (b"1433221332117,9999999999999999999,view,355908,", "number"),
        (b"1433221332117,257597,transaction,355908,none", "number"),
        (b"0,257597,view,355908,", "time"),
        (b"99999999999999,257597,view,355908,", "time"),
        (b"2015-06-02 05:02:12,257597,view,355908,", "number"),
        (b"1433221332117,257597,vi\xffew,355908,", "encoding"),
        (b"1433221332117,257597,view\0,355908,", "encoding"),
        ("1433221332117,257597,보기,355908,".encode(), "event"),
    ],
)
def test_a_bad_line_is_kept_with_its_number_and_reason(tmp_path, line, reason):
    path = tmp_path / "events.csv"
    path.write_bytes(HEADING.encode() + GOOD[0].encode() + b"\r\n" + line + b"\n" + GOOD[3].encode())
    retailrocket(tmp_path)
    shown = line.decode("utf-8", "backslashreplace").replace("\0", "\\0")
    assert refused() == [(3, reason, shown)]
    assert set(RawRetailRocketEvent.objects.values_list("line", "event")) == {(2, "view"), (4, "transaction")}
    file = ImportFile.objects.get()
    assert (file.lines, file.rejected, file.position) == (4, 1, path.stat().st_size)


def test_the_same_call_adds_nothing_and_a_restart_begins_anew(folder):
    retailrocket(folder)
    retailrocket(folder)
    assert RawRetailRocketEvent.objects.count() == len(GOOD)
    (folder / "events.csv").write_text(HEADING + GOOD[0])
    with pytest.raises(CommandError, match="another file"):
        retailrocket(folder)
    assert RawRetailRocketEvent.objects.count() == len(GOOD)
    retailrocket(folder, restart=True)
    assert RawRetailRocketEvent.objects.count() == 1


@pytest.mark.parametrize("packed", [False, True])
def test_an_import_goes_on_after_the_last_commit(tmp_path, packed):
    lines = [f"{1433221332117 + n},{n},view,{n * 7}," for n in range(500)] + ["bad"] * 3
    text = (HEADING + "\n".join(lines)).encode()
    path = tmp_path / ("events.csv.gz" if packed else "events.csv")
    path.write_bytes(gzip.compress(text) if packed else text)
    dataset = open_dataset(key="broken-off", form="retailrocket")

    def break_off(progress):
        if progress.lines > 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_log(dataset, tmp_path, progress=break_off, block_bytes=1000)
    file = dataset.files.get()
    assert file.status == ImportFile.Status.STOPPED
    assert 200 < file.lines < 300
    assert RawRetailRocketEvent.objects.filter(dataset_id=dataset.pk).count() == file.lines - 1
    import_log(dataset, tmp_path, block_bytes=1000)
    found = RawRetailRocketEvent.objects.filter(dataset_id=dataset.pk).order_by("line")
    assert list(found.values_list("line", "visitor")) == [(n + 2, n) for n in range(500)]
    assert [line for line, _reason, _text in refused(path.name)] == [502, 503, 504]


def test_another_form_of_file_is_refused_as_a_whole(tmp_path):
    (tmp_path / "events.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="must begin with the line “timestamp,visitorid"):
        retailrocket(tmp_path)
    (tmp_path / "events.csv").write_text(HEADING + "1,2\n" * 1001)
    with pytest.raises(CommandError, match="is of another form: 1001 of 1001 lines from line 2 on"):
        retailrocket(tmp_path, dataset="second")
    assert ImportFile.objects.get(dataset__key="second").status == ImportFile.Status.FAILED
    assert not RawRetailRocketEvent.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "events.csv").unlink(), "has no events.csv"),
        (lambda folder: (folder / "events.csv.gz").write_bytes(gzip.compress(b"x")), "twice"),
        (lambda folder: (folder / "item_properties_part2.csv").write_text("x"), "twice"),
        (
            lambda folder: (folder / "item_properties_part2.csv.gz").write_bytes(gzip.compress(b"x" * 99)[:-9]),
            "damaged",
        ),
        (lambda folder: (folder / "category_tree.csv").write_bytes(b"x" * (LONGEST_LINE + 1)), "more than"),
    ],
)
def test_what_cannot_be_read_is_said(folder, spoil, sentence):
    spoil(folder)
    with pytest.raises(CommandError, match=sentence):
        retailrocket(folder)


def test_one_import_at_a_time_goes_into_a_dataset(folder, other_connection):
    dataset = open_dataset(key="retailrocket", form="retailrocket")
    other_connection.execute("select pg_advisory_lock(hashtext('import into dataset'), %s)", [dataset.pk])
    with pytest.raises(CommandError, match="goes on"):
        retailrocket(folder)
    other_connection.execute("select pg_advisory_unlock_all()")
    retailrocket(folder)
    with importing(dataset):
        pass


def test_a_key_holds_one_form(folder):
    retailrocket(folder)
    with pytest.raises(CommandError, match="holds a log of the form RetailRocket"):
        call_command("import_cdnow", folder / "events.csv", dataset="retailrocket")
