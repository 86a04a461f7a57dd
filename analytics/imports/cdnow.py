"""CDNOW's purchase log: customer, date as yyyymmdd, CDs and dollars, between blanks, with or without a heading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from analytics.imports.binary_rows import Amount, Column, Number
from analytics.imports.fields import Lines, days, decimals, integers, split_at_blanks
from analytics.imports.forms import FileForm, LogForm, NoSuchLog, Reason, Source, Verdict

_MOST_CENTS = 10**10 - 1


def _purchases(lines: Lines, verdict: Verdict) -> Sequence[Column]:
    (customer, day, cds, dollars), right = split_at_blanks(lines, 4)
    verdict.demand(right, Reason.COLUMNS)
    customers, customers_good = integers(customer)
    dates, dates_good = integers(day, most=99_991_231)
    counts, counts_good = integers(cds, most=2**31 - 1)
    cents, cents_good = decimals(dollars, most=_MOST_CENTS)
    verdict.demand(customers_good & dates_good & counts_good & cents_good, Reason.NUMBER)
    _days, there_is = days(day.part(0, 4), day.part(4, 6), day.part(6, 8))
    verdict.demand((day.lengths == 8) & there_is, Reason.TIME)
    return Number(customers, ">i8"), Number(dates, ">i4"), Number(counts, ">i4"), Amount(cents)


PURCHASE_FILE = FileForm(
    table="analytics_rawcdnowpurchase",
    columns=("customer", "date", "cds", "dollars"),
    heading=b"customer_id date number_of_cds dollar_value",
    heading_optional=True,
    parse=_purchases,
)


def find(place: Path) -> list[Source]:
    """Return the file.

    Raises:
        NoSuchLog: there is no such file.
    """
    if not place.is_file():
        raise NoSuchLog(_("%(place)s is no file. CDNOW's form is one file, such as cdnow.txt.gz.") % {"place": place})
    return [Source(path=place, form=PURCHASE_FILE)]


FORM = LogForm(find=find, tables=(PURCHASE_FILE.table,))
