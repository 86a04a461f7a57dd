"""The archive: nothing reaches an entry any more, it is found again, and its note can be reworded."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics import archive, decisions
from analytics.archive import ArchiveFilter
from analytics.decisions import Reasons
from analytics.models import ArchiveEntry
from analytics.results import compute
from experiments.features import revisions
from experiments.models import Experiment, Feature
from experiments.public import get_run_design
from experiments.running import lifecycle
from novarium.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.analytics.traffic import Unit, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(winner, started, lead):
    decisions.adopt(
        "hero-discount",
        run_number=1,
        variant="discount",
        expected_revision=1,
        reasons=Reasons(note="Sells more", learning="할인율을 제목에 적으면 클릭이 늘어난다"),
        actor=lead,
        stop_first=True,
    )
    return ArchiveEntry.objects.get()


def test_entry_holds_design_and_results_as_they_were(entry):
    run = get_run_design("hero-discount")
    assert archive.design_of(entry) == run.design
    frozen, now = archive.report_of(entry), compute(run)
    assert frozen.oec == now.oec
    assert frozen.series == now.series
    assert frozen.sample_ratio == now.sample_ratio


def test_reset_and_rerun_never_touch_the_entry(entry, analyst):
    before = ArchiveEntry.objects.values().get()
    experiment = Experiment.objects.get(key="hero-discount")
    lifecycle.reset(experiment, actor=analyst)
    lifecycle.launch(experiment, actor=analyst)
    run = experiment.runs.get(number=2)
    store(run, [Unit(f"n-{n}", "control", run.started_at + timedelta(seconds=1)) for n in range(20)])
    assert ArchiveEntry.objects.values().get() == before
    assert archive.report_of(entry).units == 2010


def test_second_run_of_the_same_experiment_gets_its_own_entry(entry, lead, analyst):
    experiment = Experiment.objects.get(key="hero-discount")
    lifecycle.reset(experiment, actor=analyst)
    lifecycle.launch(experiment, actor=analyst)
    decisions.reject(
        "hero-discount", run_number=2, reasons=Reasons(note="n", learning="l"), actor=lead, stop_first=True
    )
    assert list(ArchiveEntry.objects.order_by("run_number").values_list("run_number", "outcome")) == [
        (1, "adopted"),
        (2, "rejected"),
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        ArchiveFilter(),
        ArchiveFilter(words="discount banner"),
        ArchiveFilter(words="DISCO"),
        ArchiveFilter(words="클릭"),
        ArchiveFilter(words="hero-discount sells"),
        ArchiveFilter(outcome="adopted", feature="home-hero-banner", metric="ctr", team="novaeats"),
        ArchiveFilter(since=timezone.localdate(), until=timezone.localdate()),
    ],
)
def test_filter_finds(entry, wanted):
    assert list(archive.find(wanted)) == [entry]


@pytest.mark.parametrize(
    "wanted",
    [
        ArchiveFilter(words="rider"),
        ArchiveFilter(words="discount rider"),
        ArchiveFilter(words="_______"),
        ArchiveFilter(outcome="rejected"),
        ArchiveFilter(feature="price-tag"),
        ArchiveFilter(metric="aov"),
        ArchiveFilter(team="riders"),
        ArchiveFilter(since=timezone.localdate() + timedelta(days=1)),
        ArchiveFilter(until=timezone.localdate() - timedelta(days=1)),
    ],
)
def test_filter_leaves_out(entry, wanted):
    assert not archive.find(wanted)


def test_rewording_keeps_every_wording_and_is_searched_by_the_latest(entry, analyst):
    archive.reword(entry, text="A price beats a picture.", expected=1, actor=analyst)
    assert [note.number for note in archive.notes_of(entry)] == [2, 1]
    assert list(archive.find(ArchiveFilter(words="picture"))) == [entry]
    assert not archive.find(ArchiveFilter(words="클릭"))


@pytest.mark.parametrize(
    ("person", "text", "expected", "error"),
    [
        ("viewer", "x", 1, Forbidden),
        ("other_lead", "x", 1, Forbidden),
        ("analyst", "  ", 1, Invalid),
        ("analyst", "x" * 5001, 1, Invalid),
        ("analyst", "x", 7, Conflict),
    ],
)
def test_rewording_that_may_not_be_adds_nothing(entry, request, person, text, expected, error):
    with pytest.raises(error):
        archive.reword(entry, text=text, expected=expected, actor=request.getfixturevalue(person))
    assert entry.notes.count() == 1


def test_rollback_shows_as_aftermath(entry, lead):
    feature = Feature.objects.get(key="home-hero-banner")
    assert archive.aftermath(entry) == ()
    revisions.rollback(feature, to=1, expected=2, actor=lead, note="Too loud")
    (revision,) = archive.aftermath(entry)
    assert (revision.origin, revision.reinstates, revision.note) == ("rollback", 1, "Too loud")


def test_unknown_entry_is_not_found(db):
    with pytest.raises(NotFound):
        archive.get_entry(1)
