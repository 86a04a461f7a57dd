"""Which dataset and which of its days a page of the Data Lab shows, by the form at its top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, Min
from django.http import HttpRequest
from django.utils.translation import gettext as _

from analytics.forms import DatasetForm, RangeForm
from analytics.marts.zone import date_of, day_number
from analytics.models import DailyMetric, Dataset
from analytics.models.imported import RECEIVED_ID
from novarium.kernel.errors import Invalid

SHOWN_DAYS = 30
KOREAN_WON = "KRW"


@dataclass(frozen=True, slots=True)
class Shown:
    """A dataset and its days from first to last, as day numbers; None where nothing is built.

    Attributes:
        is_valid: Whether what was asked for makes sense; else the form says what does not.
    """

    form: DatasetForm
    dataset: Dataset
    first: int | None
    last: int | None
    is_valid: bool

    @property
    def days(self) -> dict[str, Any]:
        """The filter of a table with a row a day; it finds nothing where nothing is built or asked for wrongly."""
        if self.first is None or self.last is None or not self.is_valid:
            return {"dataset_id": self.dataset.pk, "day__in": []}
        return {"dataset_id": self.dataset.pk, "day__gte": self.first, "day__lte": self.last}

    @property
    def first_date(self) -> date | None:
        """The first day."""
        return None if self.first is None else date_of(self.first)

    @property
    def last_date(self) -> date | None:
        """The last day."""
        return None if self.last is None else date_of(self.last)

    @property
    def is_received(self) -> bool:
        """Whether it is what this installation receives itself."""
        return self.dataset.pk == RECEIVED_ID

    @property
    def is_won(self) -> bool:
        """Whether amounts are Korean won."""
        return self.is_received or self.dataset.currency == KOREAN_WON

    @property
    def status(self) -> int:
        """The page's HTTP status."""
        return 200 if self.is_valid else 422

    def refuse_invalid(self) -> None:
        """Raise Invalid where a file is asked for by a wrong filter."""
        if not self.is_valid:
            fields = {name: [str(error) for error in errors] for name, errors in self.form.errors.items()}
            raise Invalid(_("The filter is not right."), fields=fields)


def shown_range(request: HttpRequest, *, days: int = SHOWN_DAYS) -> Shown:
    """Return what the query asks for; without days the last ones that are built."""
    form = RangeForm(request.GET)
    valid = form.is_valid()
    chosen = form.cleaned_data
    dataset = chosen.get("dataset") or Dataset.objects.get(pk=RECEIVED_ID)
    built = DailyMetric.objects.filter(dataset_id=dataset.pk).aggregate(first=Min("day"), last=Max("day"))
    first, last = chosen.get("first"), chosen.get("last")
    last_day = day_number(last) if last else built["last"]
    first_day: int | None = day_number(first) if first else None
    if first_day is None and last_day is not None:
        first_day = max(last_day - days + 1, min(built["first"] or last_day, last_day))
    shown = {"dataset": dataset.key, "first": _date(first_day), "last": _date(last_day)}
    return Shown(RangeForm(initial=shown) if valid else form, dataset, first_day, last_day, valid)


def shown_dataset(request: HttpRequest) -> Shown:
    """Return the dataset that the query asks for, without days."""
    form = DatasetForm(request.GET)
    valid = form.is_valid()
    dataset = form.cleaned_data.get("dataset") or Dataset.objects.get(pk=RECEIVED_ID)
    return Shown(DatasetForm(initial={"dataset": dataset.key}) if valid else form, dataset, None, None, valid)


def _date(day: int | None) -> date | None:
    return None if day is None else date_of(day)
