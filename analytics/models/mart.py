"""The marts that pages read. The SQL that makes them stands in ``analytics/sql``; migration 0005 creates the tables.

Every table leads with the dataset. Days are numbers since 1970-01-01 in the dataset's zone, and money is in hundredths,
so that all engines compute the same integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.marts.kpis import KPIS, value_of
from analytics.marts.zone import date_of


class NameKey(models.Model):
    """The number by which marts know a text: a unit, an item or a category. Numbers are given once and stay."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    kind = models.CharField(_("kind"), max_length=10)
    name = models.CharField(_("text"), max_length=100)
    number = models.BigIntegerField(_("number"))
    pk = models.CompositePrimaryKey("dataset_id", "kind", "name")

    class Meta:
        verbose_name = _("name key")
        verbose_name_plural = _("name keys")

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class FactEvent(models.Model):
    """An event as everything after it reads it. Grain: one row an event; copies are left out."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    visitor = models.BigIntegerField(_("visitor"))
    session = models.IntegerField(_("session"))
    at_ms = models.BigIntegerField(_("time"))
    event = models.TextField(_("event"))
    item = models.BigIntegerField(_("item"), null=True)
    category = models.BigIntegerField(_("category"), null=True)
    transaction = models.BigIntegerField(_("order"), null=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True)
    pk = models.CompositePrimaryKey("dataset_id", "visitor", "at_ms", "event")  # for Django; no index stands behind it

    class Meta:
        verbose_name = _("fact: event")
        verbose_name_plural = _("facts: events")

    def __str__(self) -> str:
        return f"{self.event} {self.visitor} {self.at_ms}"


class FactSession(models.Model):
    """A session and what happened in it. Grain: one row a session; key: (dataset_id, day, visitor, session)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    visitor = models.BigIntegerField(_("visitor"))
    session = models.IntegerField(_("session"))
    began_ms = models.BigIntegerField(_("first event"))
    ended_ms = models.BigIntegerField(_("last event"))
    revenue_minor = models.BigIntegerField(_("revenue"))
    refunded_minor = models.BigIntegerField(_("refunded"))
    events = models.IntegerField(_("events"))
    page_views = models.IntegerField(_("page views"))
    clicks = models.IntegerField(_("clicks"))
    carts = models.IntegerField(_("carts"))
    interactions = models.IntegerField(_("interactions"))
    pk = models.CompositePrimaryKey("dataset_id", "day", "visitor", "session")

    class Meta:
        verbose_name = _("fact: session")
        verbose_name_plural = _("facts: sessions")

    def __str__(self) -> str:
        return f"{date_of(self.day)} {self.visitor} {self.session}"


class VisitorDay(models.Model):
    """What a visitor did on a day. Grain: one row a visitor and day; key: (dataset_id, day, visitor)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    visitor = models.BigIntegerField(_("visitor"))
    revenue_minor = models.BigIntegerField(_("revenue"))
    refunded_minor = models.BigIntegerField(_("refunded"))
    booked_minor = models.BigIntegerField(_("booked amount"))
    sessions = models.IntegerField(_("sessions"))
    events = models.IntegerField(_("events"))
    page_views = models.IntegerField(_("page views"))
    clicks = models.IntegerField(_("clicks"))
    carts = models.IntegerField(_("carts"))
    orders = models.IntegerField(_("orders"))
    booked_orders = models.IntegerField(_("booked orders"))
    pk = models.CompositePrimaryKey("dataset_id", "day", "visitor")

    class Meta:
        verbose_name = _("visitor day")
        verbose_name_plural = _("visitor days")

    def __str__(self) -> str:
        return f"{date_of(self.day)} {self.visitor}"


class DimVisitor(models.Model):
    """A visitor over all days. Grain: one row a visitor; key: (dataset_id, visitor)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    visitor = models.BigIntegerField(_("visitor"))
    orders = models.BigIntegerField(_("orders"))
    spend_minor = models.BigIntegerField(_("spend"))
    first_day = models.IntegerField(_("first seen"))
    last_day = models.IntegerField(_("last seen"))
    active_days = models.IntegerField(_("active days"))
    first_purchase_day = models.IntegerField(_("first purchase"), null=True)
    last_order_day = models.IntegerField(_("last order"), null=True)
    pk = models.CompositePrimaryKey("dataset_id", "visitor")

    class Meta:
        verbose_name = _("dimension: visitor")
        verbose_name_plural = _("dimension: visitors")

    def __str__(self) -> str:
        return f"{self.visitor}"


class DimItem(models.Model):
    """An item with its category for some days; key: (dataset_id, item, from_day)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    item = models.BigIntegerField(_("item"))
    category = models.BigIntegerField(_("category"))
    from_day = models.IntegerField(_("from"))
    until_day = models.IntegerField(_("until"))
    pk = models.CompositePrimaryKey("dataset_id", "item", "from_day")

    class Meta:
        verbose_name = _("dimension: item")
        verbose_name_plural = _("dimension: items")

    def __str__(self) -> str:
        return f"{self.item}"


class DimCategory(models.Model):
    """A category in its tree. Grain: one row a category; key: (dataset_id, category)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    category = models.BigIntegerField(_("category"))
    parent = models.BigIntegerField(_("parent"), null=True)
    root = models.BigIntegerField(_("root"))
    depth = models.IntegerField(_("depth"))
    pk = models.CompositePrimaryKey("dataset_id", "category")

    class Meta:
        verbose_name = _("dimension: category")
        verbose_name_plural = _("dimension: categories")

    def __str__(self) -> str:
        return f"{self.category}"


class ExperimentUnit(models.Model):
    """A unit of an experiment with its first exposure in a variant; key: (dataset_id, run_id, visitor, variant_id)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    run_id = models.BigIntegerField(_("run"))
    visitor = models.BigIntegerField(_("visitor"))
    variant_id = models.BigIntegerField(_("variant"))
    exposed_ms = models.BigIntegerField(_("first exposed at"))
    day = models.IntegerField(_("day"))
    pk = models.CompositePrimaryKey("dataset_id", "run_id", "visitor", "variant_id")

    class Meta:
        verbose_name = _("experiment unit")
        verbose_name_plural = _("experiment units")

    def __str__(self) -> str:
        return f"{self.run_id} {self.visitor}"


class DailyMetric(models.Model):
    """How a product did on a day. Grain: one row a day; key: (dataset_id, day).

    Rates are made of the counts when shown (``analytics.marts.kpis``), so that days add up to weeks.
    """

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    revenue_minor = models.BigIntegerField(_("revenue"), help_text=_("In hundredths; refunds not taken off."))
    refunded_minor = models.BigIntegerField(_("refunded"), help_text=_("In hundredths."))
    page_views = models.BigIntegerField(_("page views"))
    visitors = models.IntegerField(_("visitors"), help_text=_("Units with any event on the day."))
    sessions = models.IntegerField(_("sessions"), help_text=_("Visits separated by 30 minutes of silence."))
    clickers = models.IntegerField(_("visitors who clicked"))
    carters = models.IntegerField(_("visitors with a cart"))
    buyers = models.IntegerField(_("visitors who ordered"))
    clicking_buyers = models.IntegerField(_("visitors who clicked and ordered"))
    orders = models.IntegerField(_("orders"))
    bounces = models.IntegerField(_("bounces"), help_text=_("Sessions with one page view and nothing else."))
    pk = models.CompositePrimaryKey("dataset_id", "day")

    class Meta:
        verbose_name = _("daily metric")
        verbose_name_plural = _("daily metrics")
        ordering: ClassVar = ["dataset_id", "-day"]

    def __str__(self) -> str:
        return f"{self.date}"

    @property
    def date(self) -> date:
        """The day in the dataset's zone."""
        return date_of(self.day)

    @property
    def revenue(self) -> Decimal:
        """The revenue in units of the currency."""
        return Decimal(self.revenue_minor) / 100

    @property
    def refunded(self) -> Decimal:
        """What was paid back, in units of the currency."""
        return Decimal(self.refunded_minor) / 100

    def kpi(self, key: str) -> float | None:
        """Return a rate or mean of the day by its definition; None where nothing can be divided by."""
        return value_of(key, self)

    @property
    def kpis(self) -> Mapping[str, float | None]:
        """Return all rates and means of the day by their keys."""
        return {key: self.kpi(key) for key, kpi in KPIS.items() if kpi.table == "daily_metrics"}


class FunnelDay(models.Model):
    """From the view to the order on a day. Grain: one row a day; key: (dataset_id, day)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    visitors = models.IntegerField(_("visitors"))
    viewers = models.IntegerField(_("visitors who saw a page"))
    carters = models.IntegerField(_("visitors with a cart"))
    buyers = models.IntegerField(_("visitors who ordered"))
    viewing_carters = models.IntegerField(_("who saw a page and filled a cart"))
    viewing_carting_buyers = models.IntegerField(_("who saw a page, filled a cart and ordered"))
    pk = models.CompositePrimaryKey("dataset_id", "day")

    class Meta:
        verbose_name = _("funnel of a day")
        verbose_name_plural = _("funnels by day")
        ordering: ClassVar = ["dataset_id", "-day"]

    def __str__(self) -> str:
        return f"{self.date}"

    @property
    def date(self) -> date:
        """The day in the dataset's zone."""
        return date_of(self.day)


class FunnelCategoryDay(models.Model):
    """The funnel of a category on a day. Grain: one row a day and category; key: (dataset_id, day, category)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    category = models.BigIntegerField(_("category"))
    root = models.BigIntegerField(_("root"))
    visitors = models.IntegerField(_("visitors"))
    viewers = models.IntegerField(_("visitors who viewed"))
    carters = models.IntegerField(_("visitors with a cart"))
    buyers = models.IntegerField(_("visitors who ordered"))
    views = models.BigIntegerField(_("views"))
    carts = models.BigIntegerField(_("carts"))
    purchases = models.BigIntegerField(_("lines of orders"))
    pk = models.CompositePrimaryKey("dataset_id", "day", "category")

    class Meta:
        verbose_name = _("funnel of a category")
        verbose_name_plural = _("funnels by category")
        ordering: ClassVar = ["dataset_id", "-day", "category"]

    def __str__(self) -> str:
        return f"{date_of(self.day)} {self.category}"


class CohortWeek(models.Model):
    """Who of a cohort came in a week. Grain: one row a cohort and week; key: (dataset_id, cohort_day, week_day)."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    cohort_day = models.IntegerField(_("cohort"), help_text=_("Monday of the week of the first visit."))
    week_day = models.IntegerField(_("week"), help_text=_("Its Monday."))
    visitors = models.IntegerField(_("visitors"))
    buyers = models.IntegerField(_("visitors who ordered"))
    reorderers = models.IntegerField(_("visitors who ordered again"))
    pk = models.CompositePrimaryKey("dataset_id", "cohort_day", "week_day")

    class Meta:
        verbose_name = _("cohort's week")
        verbose_name_plural = _("cohorts by week")
        ordering: ClassVar = ["dataset_id", "-cohort_day", "week_day"]

    def __str__(self) -> str:
        return f"{date_of(self.cohort_day)} {date_of(self.week_day)}"


class UserStat(models.Model):
    """What a unit ordered so far, a view over the visitors. Grain: one row a visitor; key: (dataset_id, visitor)."""

    class Segment(models.TextChoices):
        """Behaviour at a glance; see ``analytics/sql/kpi/user_stats.sql`` for the limits."""

        CHAMPION = "champion", _("Champion")
        LOYAL = "loyal", _("Loyal")
        NEW = "new", _("New buyer")
        AT_RISK = "at_risk", _("At risk")
        LOST = "lost", _("Lost")
        BROWSER = "browser", _("Browser")

    dataset_id = models.SmallIntegerField(_("dataset"))
    visitor = models.BigIntegerField(_("number"))
    unit_id = models.CharField(_("unit"), max_length=100)
    first_seen = models.DateField(_("first seen"))
    last_seen = models.DateField(_("last seen"))
    orders = models.BigIntegerField(_("orders"))
    spend = models.DecimalField(_("spend"), max_digits=20, decimal_places=2)
    last_order = models.DateField(_("last order"), null=True)
    recency_days = models.IntegerField(_("days since the last order"), null=True)
    active_days = models.IntegerField(_("active days"))
    segment = models.CharField(_("segment"), max_length=10, choices=Segment)
    as_of = models.DateField(_("as of"))
    pk = models.CompositePrimaryKey("dataset_id", "visitor")

    class Meta:
        managed = False
        db_table = "analytics_userstat"
        verbose_name = _("user statistic")
        verbose_name_plural = _("user statistics")
        ordering: ClassVar = ["-spend", "unit_id"]

    def __str__(self) -> str:
        return self.unit_id
