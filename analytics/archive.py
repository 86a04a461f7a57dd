"""The archive: keep a decided run for good, find it again, and reword what was learned."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.models import Adoption, ArchiveEntry, Decision, LearningNote
from analytics.results.report import ResultReport
from analytics.results.snapshot import report_from, to_plain
from experiments.public import Design, Revision, RunDesign, design_from, get_experiment, revisions_of
from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.portal import audit
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.roles import Action

MAX_NOTE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFilter:
    """What to show of the archive; empty fields show everything.

    Attributes:
        words: Found in names, hypotheses, decisions and learning notes; all must be found.
        since: First day of the decision, in the reporting zone.
        until: Last day.
    """

    words: str = ""
    outcome: str = ""
    feature: str = ""
    metric: str = ""
    team: str = ""
    since: date | None = None
    until: date | None = None


def keep(
    *, run: RunDesign, report: ResultReport | None, decision: Decision, learning: str, actor: User
) -> ArchiveEntry:
    """Write the entry of a decided run and the first wording of its learning note."""
    summary = get_experiment(run.design.key)
    design = _plain(asdict(run.design))
    adoption = Adoption.objects.filter(decision=decision).first()
    entry = ArchiveEntry.objects.create(
        experiment_key=run.design.key,
        run_number=run.design.run_number,
        name=run.design.name,
        team_id=summary.team_id,
        feature=run.design.feature,
        metric=run.design.oec.key,
        outcome=decision.outcome,
        started_at=run.started_at,
        stopped_at=run.stopped_at or decision.decided_at,
        decided_at=decision.decided_at,
        decided_by=str(actor),
        design=design,
        result=to_plain(report) if report else None,
        decision=_plain(
            {
                "outcome": decision.outcome,
                "variant": decision.variant,
                "note": decision.note,
                "objections": decision.breaches,
                "override_reason": decision.override_reason,
                "revision": adoption.revision if adoption else None,
                "replaced_revision": adoption.replaced_revision if adoption else None,
            }
        ),
        document=_document(run.design, decision, str(actor), summary.feature_name),
    )
    LearningNote.objects.create(entry=entry, number=1, text=learning.strip(), author=actor)
    return entry


def find(wanted: ArchiveFilter) -> QuerySet[ArchiveEntry]:
    """Return the entries that fit, the newest decision first."""
    entries = ArchiveEntry.objects.select_related("team")
    for name, lookup in (("outcome", "outcome"), ("feature", "feature"), ("metric", "metric"), ("team", "team__key")):
        value = getattr(wanted, name)
        if value:
            entries = entries.filter(**{lookup: value})
    if wanted.since:
        entries = entries.filter(decided_at__gte=_midnight(wanted.since))
    if wanted.until:
        entries = entries.filter(decided_at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.words.strip():
        entries = entries.annotate(learning=_latest_note()).filter(_has(wanted.words))
    return entries


def get_entry(entry_id: int) -> ArchiveEntry:
    """Return an entry.

    Raises:
        NotFound: there is none of that number.
    """
    entry = ArchiveEntry.objects.select_related("team").filter(pk=entry_id).first()
    if entry is None:
        raise NotFound(_("The archive has no such entry."))
    return entry


def entry_of_run(key: str, run_number: int) -> ArchiveEntry | None:
    """Return the entry of an experiment's run, if it was decided."""
    return ArchiveEntry.objects.filter(experiment_key=key, run_number=run_number).first()


def design_of(entry: ArchiveEntry) -> Design:
    """Return the design as it was launched."""
    return design_from(entry.design)


def report_of(entry: ArchiveEntry) -> ResultReport | None:
    """Return the results as they were when the decision was made; None where nobody was exposed."""
    return report_from(entry.result) if entry.result else None


def aftermath(entry: ArchiveEntry) -> tuple[Revision, ...]:
    """Return what happened to the feature since the adoption, oldest first; empty for a rejected one."""
    adopted = entry.decision["revision"]
    if adopted is None:
        return ()
    return tuple(sorted((r for r in revisions_of(entry.feature) if r.number > adopted), key=lambda r: r.number))


def notes_of(entry: ArchiveEntry) -> Iterable[LearningNote]:
    """Return the wordings of the learning note, the present one first."""
    return entry.notes.select_related("author").order_by("-number")


def reword(entry: ArchiveEntry, *, text: str, expected: int, actor: User) -> LearningNote:
    """Add a new wording of the learning note; earlier ones stay.

    Raises:
        Forbidden: the person is no analyst or lead of the entry's team.
        Invalid: the text is empty or too long.
        Conflict: someone else reworded it in between.
    """
    require(actor, Action.DESIGN, entry.team_id)
    clean = text.strip()
    if not clean or len(clean) > MAX_NOTE:
        sentence = _("Write what was learned.") if not clean else _("At most %(n)d characters.") % {"n": MAX_NOTE}
        raise Invalid(_("The note is not right."), fields={"text": [sentence]})
    try:
        with transaction.atomic():
            latest = entry.notes.order_by("-number").first()
            if latest is None or latest.number != expected:
                raise Conflict(_("Someone else changed the note in the meantime. Reload the page."))
            note = LearningNote.objects.create(entry=entry, number=expected + 1, text=clean, author=actor)
            audit.record(
                actor=actor,
                action="archive.reword",
                object_type="archive",
                object_key=f"{entry.experiment_key}/{entry.run_number}",
                team_id=entry.team_id,
                before={"note": latest.text},
                after={"note": clean},
            )
    except IntegrityError as error:
        if "learning_note_number_once" in str(error):
            raise Conflict(_("Someone else changed the note in the meantime. Reload the page.")) from error
        raise
    return note


def _has(words: str) -> Q:
    """Match in full text, or every word as part of a word: Korean joins particles to nouns."""
    query = SearchQuery(words, search_type="websearch", config="simple")
    parts = Q()
    for word in words.split():
        parts &= Q(document__icontains=word) | Q(learning__icontains=word)
    return Q(pk__in=_full_text(query)) | parts


def _full_text(query: SearchQuery) -> QuerySet[Any, Any]:
    vector = SearchVector("document", config="simple")
    return ArchiveEntry.objects.annotate(vector=vector).filter(vector=query).values("pk")


def _latest_note() -> Subquery:
    notes = LearningNote.objects.filter(entry=OuterRef("pk")).order_by("-number")
    return Subquery(notes.values("text")[:1])


def _document(design: Design, decision: Decision, person: str, feature_name: str) -> str:
    parts = (
        design.key,
        design.name,
        design.feature,
        feature_name,
        design.who,
        design.what,
        design.why,
        design.expected_impact,
        design.oec.key,
        design.oec.name,
        *(guardrail.metric.name for guardrail in design.guardrails),
        *(variant.name for variant in design.variants),
        decision.note,
        decision.override_reason,
        person,
    )
    return "\n".join(part for part in parts if part)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
