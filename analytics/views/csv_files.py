"""Tables handed out as CSV files, line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse

from analytics.spreadsheet import cells


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Return a download of the rows below their columns' names; what a spreadsheet would compute stays text."""
    answer = StreamingHttpResponse(
        _lines(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    return cast(HttpResponse, answer)  # for a view's caller the two are alike


def _lines(columns: Sequence[str], values: Iterable[Iterable[Any]]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in values:
        writer.writerow(cells(row))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()
