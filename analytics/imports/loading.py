"""Load the files of a log into its raw tables, each block in one transaction with its checkpoint.

A block's rows, its refused lines and how far the file has been read are committed together, and only by whoever still
finds the checkpoint where it began. So after any kill, of this process or of Postgres, the same call goes on where the
last commit was: no line is lost and none comes twice. While Postgres takes one block, the next is read and checked in
a thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from analytics.imports.binary_rows import HEAD, TAIL, Column, Number, binary_rows
from analytics.imports.datasets import FORMS, SCHEMA, analyse_partitions, importing
from analytics.imports.fields import Lines, lines_of
from analytics.imports.forms import REASONS, FileForm, Source, Verdict
from analytics.imports.reading import BLOCK_BYTES, Block, blocks, fingerprint
from analytics.models import Dataset, ImportFile, RejectedLine
from novarium.kernel.errors import Conflict, DomainError, Invalid

Status = ImportFile.Status
MOST_REFUSED = 0.5  # of the lines of a block of at least so many: then it is another form of file
ENOUGH_TO_JUDGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is.

    Attributes:
        name: The file.
        bytes_read: Of all files as they are stored, those before this import began included.
        bytes: Of all files.
        lines: Committed by this import so far.
        seconds: Since it began.
        seconds_left: At the rate so far; None before the first block.
    """

    name: str
    bytes_read: int
    bytes: int
    lines: int
    rejected: int
    seconds: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class _Checked:
    """A block ready to be sent."""

    block: Block
    rows: Sequence[bytes]
    lines: int
    refused: Sequence[tuple[int, str, str]]  # line, reason, text


def import_log(
    dataset: Dataset,
    place: Path,
    *,
    progress: Callable[[Progress], None] = lambda _progress: None,
    block_bytes: int = BLOCK_BYTES,
) -> list[ImportFile]:
    """Import what is missing of the log at a place; return its files, all of them done.

    Args:
        place: The folder or file of the log, see the form's ``find``.
        progress: Called after each commit.

    Raises:
        NoSuchLog: the place holds no log of the dataset's form.
        Invalid: a file is damaged, of another form, or another one than was begun with.
        Conflict: an import into the dataset goes on.
    """
    sources = FORMS[dataset.form].find(place)
    with importing(dataset):
        pairs = [(source, _checkpoint(dataset, source)) for source in sources]
        tally = _Tally(pairs, progress)
        for source, file in pairs:
            if file.status != Status.DONE:
                _import_file(dataset, source, file, tally, block_bytes)
        analyse_partitions(dataset)
    return [file for _source, file in pairs]


def _checkpoint(dataset: Dataset, source: Source) -> ImportFile:
    """Return the file's checkpoint, made where the file is new.

    Raises:
        Invalid: the file is another one than was begun with.
    """
    mark = fingerprint(source.path)
    file, _is_new = ImportFile.objects.get_or_create(
        dataset=dataset,
        name=source.path.name,
        defaults={"bytes": source.path.stat().st_size, "fingerprint": mark},
    )
    if file.fingerprint != mark:
        raise Invalid(
            _("%(file)s is another file than the one that was begun. Restart the import, or choose another dataset.")
            % {"file": file.name}
        )
    return file


class _Tally:
    """Adds up what is committed, and tells it."""

    def __init__(self, pairs: Sequence[tuple[Source, ImportFile]], tell: Callable[[Progress], None]) -> None:
        self._files = [file for _source, file in pairs]
        self._tell = tell
        self._began = time.monotonic()
        self._bytes_before = sum(file.bytes_read for file in self._files)
        self._lines_before = sum(file.lines for file in self._files)

    def tell(self, file: ImportFile) -> None:
        seconds = time.monotonic() - self._began
        read, total = sum(each.bytes_read for each in self._files), sum(each.bytes for each in self._files)
        new = read - self._bytes_before
        self._tell(
            Progress(
                name=file.name,
                bytes_read=read,
                bytes=total,
                lines=sum(each.lines for each in self._files) - self._lines_before,
                rejected=sum(each.rejected for each in self._files),
                seconds=seconds,
                seconds_left=seconds * (total - read) / new if new else None,
            )
        )


def _import_file(dataset: Dataset, source: Source, file: ImportFile, tally: _Tally, block_bytes: int) -> None:
    _change(file, status=Status.RUNNING, started_at=file.started_at or timezone.now(), problem="")
    try:
        for checked in _ahead(dataset, source, file, block_bytes):
            _commit(source, file, checked)
            tally.tell(file)
        _change(file, status=Status.DONE, finished_at=timezone.now(), bytes_read=file.bytes)
    except DomainError as error:
        _change(file, status=Status.FAILED, problem=error.message)
        raise
    except KeyboardInterrupt:
        _change(file, status=Status.STOPPED)
        raise


def _ahead(dataset: Dataset, source: Source, file: ImportFile, size: int) -> Iterator[_Checked]:
    """Yield the blocks checked; the next one is read and checked while its predecessor is committed."""
    check = _Checker(dataset, source, file.lines)
    found = blocks(source.path, position=file.position, size=size)

    def following() -> _Checked | None:
        block = next(found, None)
        return check(block) if block else None

    with ThreadPoolExecutor(1, thread_name_prefix="import") as thread:
        waiting: Future[_Checked | None] = thread.submit(following)
        while (checked := waiting.result()) is not None:
            waiting = thread.submit(following)
            yield checked


class _Checker:
    """Turns blocks into rows, one after the other, and counts lines."""

    def __init__(self, dataset: Dataset, source: Source, lines_before: int) -> None:
        self._dataset_id = dataset.pk
        self._source = source
        self._lines = lines_before

    def __call__(self, block: Block) -> _Checked:
        form = self._source.form
        all_lines = lines_of(block.data)
        lines = _without_heading(all_lines, form, self._source.path.name) if block.start == 0 else all_lines
        numbers = np.arange(len(lines)) + self._lines + 1 + len(all_lines) - len(lines)
        self._lines += len(all_lines)
        if not len(lines):
            return _Checked(block, (), len(all_lines), ())
        verdict = Verdict.of(lines)
        columns: list[Column] = [Number(self._dataset_id, ">i2"), Number(numbers, ">i8")]
        if self._source.part is not None:
            columns.append(Number(self._source.part, ">i2"))
        columns += form.parse(lines, verdict)
        bad = np.flatnonzero(verdict.reasons)
        if len(lines) >= ENOUGH_TO_JUDGE and len(bad) > MOST_REFUSED * len(lines):
            raise Invalid(
                _("%(file)s is of another form: %(bad)s of %(lines)s lines from line %(first)s on would be refused.")
                % {"file": self._source.path.name, "bad": len(bad), "lines": len(lines), "first": int(numbers[0])}
            )
        rows = tuple(binary_rows(columns, np.flatnonzero(verdict.reasons == 0)))
        refused = [(int(numbers[n]), REASONS[verdict.reasons[n]], _shown(lines.text(n))) for n in bad.tolist()]
        return _Checked(block, rows, len(all_lines), refused)


def _without_heading(lines: Lines, form: FileForm, name: str) -> Lines:
    if form.is_heading(lines.text(0)):
        return Lines(lines.data, lines.starts[1:], lines.ends[1:])
    if form.heading_optional:
        return lines
    raise Invalid(
        _("%(file)s must begin with the line “%(heading)s”.") % {"file": name, "heading": form.heading.decode()}
    )


def _commit(source: Source, file: ImportFile, checked: _Checked) -> None:
    """Commit a block, and move the checkpoint, if it still stands where the block begins.

    Raises:
        Conflict: it does not: somebody else goes on with this import.
    """
    changes = {
        "position": checked.block.end,
        "bytes_read": checked.block.bytes_read,
        "lines": file.lines + checked.lines,
        "rejected": file.rejected + len(checked.refused),
    }
    with transaction.atomic():
        here = ImportFile.objects.filter(pk=file.pk, position=checked.block.start, lines=file.lines)
        if not here.update(**changes):
            raise Conflict(_("Somebody else goes on with the import of %(file)s.") % {"file": file.name})
        if checked.rows:
            _copy(source, checked.rows)
        RejectedLine.objects.bulk_create(
            [
                RejectedLine(dataset_id=file.dataset_id, file_id=file.pk, line=line, reason=reason, text=text)
                for line, reason, text in checked.refused
            ],
            batch_size=2_000,
        )
    for name, value in changes.items():
        setattr(file, name, value)


def copy_statement(source: Source) -> sql.Composed:
    """Return the COPY that takes what ``binary_rows`` makes of the source's columns."""
    names = ("dataset_id", "line", *(("part",) if source.part is not None else ()), *source.form.columns)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    table = sql.Identifier(SCHEMA, source.form.table)
    return sql.SQL("copy {} ({}) from stdin (format binary)").format(table, columns)


def _copy(source: Source, rows: Sequence[bytes]) -> None:
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(copy_statement(source)) as copy:
        copy.write(HEAD)
        for piece in rows:
            copy.write(piece)
        copy.write(TAIL)


def _shown(line: bytes) -> str:
    text = line[: 4 * RejectedLine.TEXT_LENGTH].decode("utf-8", "backslashreplace").replace("\0", "\\0")
    return text[: RejectedLine.TEXT_LENGTH]


def _change(file: ImportFile, **changes: object) -> None:
    ImportFile.objects.filter(pk=file.pk).update(**changes)
    for name, value in changes.items():
        setattr(file, name, value)
