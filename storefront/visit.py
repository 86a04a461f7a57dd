"""One request of a visitor: which values it is shown, what it does, and the one write that keeps both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from csp.constants import SELF
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from experiments.public import (
    EventInput,
    ExposureInput,
    PreviewValue,
    UnitInput,
    evaluate_many,
    new_event_id,
    note_units,
    read_preview,
    record,
)
from storefront import visitors
from storefront.attributes import attributes_of, mark_of
from storefront.features import CLICK_SOURCES, COMPONENTS
from storefront.visitors import Visitor

PREVIEW_UNIT = "preview"
# A click comes before the page it opens, and so before the exposure to what is on that page.
CLICK_BEFORE = timedelta(milliseconds=1)
Value = Mapping[str, Any]


@dataclass(slots=True)
class Visit:
    """What is known and noted during one request.

    Attributes:
        came_as: The visitor as the request's cookie said; ``visitor`` is what will be remembered.
        quiet: Nothing is recorded: a preview, a prefetch, or a HEAD request.
        source: The component whose link led here, for visitors who came with our cookie.
    """

    visitor: Visitor
    came_as: Visitor
    user_agent: str
    language: str
    at: datetime
    preview: PreviewValue | None
    quiet: bool
    source: str
    events: list[EventInput] = field(default_factory=list)
    exposures: list[ExposureInput] = field(default_factory=list)

    @property
    def unit_id(self) -> str:
        """The visitor's unit id."""
        return self.visitor.unit_id

    @property
    def local_time(self) -> datetime:
        """The moment in the shop's own time zone."""
        return timezone.localtime(self.at)

    @property
    def today(self) -> date:
        """The shop's day."""
        return self.local_time.date()

    @property
    def attributes(self) -> dict[str, Any]:
        """What audiences may ask for; found without the database."""
        who = self.visitor
        return attributes_of(
            user_agent=self.user_agent,
            language=self.language,
            today=self.today,
            first_day=who.first_day,
            city=who.city,
            orders=who.orders,
            last_order=who.last_order,
        )

    def values(self, *features: str) -> dict[str, Value]:
        """Return what the features show to the visitor and note an impression and an exposure for each.

        Ask only for components that the page really renders.
        """
        unit = PREVIEW_UNIT if self.preview else self.unit_id
        shown: dict[str, Value] = {}
        for key, evaluation in evaluate_many(features, unit, self.attributes).items():
            shown[key] = evaluation.value
            if self.quiet:
                continue
            self.note("impression", component=COMPONENTS[key], feature=key)
            if evaluation.run_id is not None and evaluation.variant_id is not None:
                self.exposures.append(
                    ExposureInput(
                        run_id=evaluation.run_id,
                        variant_id=evaluation.variant_id,
                        unit_id=self.unit_id,
                        exposed_at=self.at,
                    )
                )
        if self.preview and self.preview.feature in shown:
            shown[self.preview.feature] = self.preview.value
        return shown

    def note(self, name: str, *, amount: int | None = None, before: timedelta = timedelta(), **properties: Any) -> None:
        """Remember an event of this request, or of the moment ``before`` it."""
        if self.quiet:
            return
        at = self.at - before
        self.events.append(
            EventInput(
                event_id=new_event_id(at),
                name=name,
                unit_id=self.unit_id,
                occurred_at=at,
                amount=None if amount is None else Decimal(amount),
                properties=properties,
            )
        )

    def note_page(self, page: str, *, target: str = "") -> None:
        """Remember that the page was seen, and the click that led to it."""
        if self.source:
            said: dict[str, Any] = {
                "component": self.source,
                "page": page,
                "target": target,
                "feature": CLICK_SOURCES[self.source],
            }
            self.note("click", before=CLICK_BEFORE, **{name: text for name, text in said.items() if text})
        self.note("page_view", page=page)

    def write(self) -> None:
        """Store what was noted, once, and with it the visitor's attributes where they are not those stored last."""
        events, exposures = self.events, self.exposures
        self.events, self.exposures = [], []
        known = self.attributes
        mark = mark_of(known)
        if self.quiet or mark == self.visitor.stored:
            record(events=events, exposures=exposures, using="shop")
            return
        with transaction.atomic(using="shop"):
            record(events=events, exposures=exposures, using="shop")
            note_units([UnitInput(unit_id=self.unit_id, attributes=known, seen_at=self.at)], using="shop")
        self.visitor = replace(self.visitor, stored=mark)

    def finish(self, response: HttpResponse) -> HttpResponse:
        """Write what was noted and complete the response: the visitor's cookie, or a preview's headers."""
        response.headers["Cache-Control"] = "private, no-store"
        if self.preview:
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
            response._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # read by django-csp
            return response
        self.write()
        if self.visitor.is_new or self.visitor != self.came_as:
            visitors.remember(response, self.visitor)
        return response


def start(request: HttpRequest) -> Visit:
    """Begin a visit's request.

    Raises:
        Invalid: the preview link is forged or too old.
    """
    token = request.GET.get("preview", "") if request.method in {"GET", "HEAD"} else ""
    preview = read_preview(token) if token else None
    at = timezone.now()
    visitor = visitors.identify(request, today=timezone.localdate(at))
    source = request.GET.get("from", "")
    return Visit(
        visitor=visitor,
        came_as=visitor,
        user_agent=request.headers.get("User-Agent", ""),
        language=reader_language(),
        at=at,
        preview=preview,
        quiet=preview is not None or request.method == "HEAD" or _is_prefetch(request),
        source=source if source in CLICK_SOURCES and not visitor.is_new else "",
    )


def reader_language() -> str:
    """Return ``ko`` or ``en``, whichever the request's language leads to."""
    return "ko" if (translation.get_language() or "").startswith("ko") else "en"


def _is_prefetch(request: HttpRequest) -> bool:
    purposes: Iterable[str] = (request.headers.get("Sec-Purpose", ""), request.headers.get("Purpose", ""))
    return any("prefetch" in purpose.lower() for purpose in purposes)
