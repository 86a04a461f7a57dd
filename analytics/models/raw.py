"""The raw layer of imported logs: rows as they were received, only ever added, a partition a dataset.

The tables have neither key nor index: each block of a file is committed with its checkpoint, so that a line is there
once, and loading runs at the speed of COPY. Their DDL stands in the migration ``imported_logs``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class RawRow(models.Model):
    """What all raw rows have: their dataset, and the line of the file, from 1, the heading included."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    line = models.BigIntegerField(_("line"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.dataset_id}:{self.line}"


class RawRetailRocketEvent(RawRow):
    """A line of events.csv. Grain: one row a line; key: (dataset_id, line). Time in ms since 1970."""

    pk = models.CompositePrimaryKey("dataset_id", "line")
    at_ms = models.BigIntegerField(_("time"))
    visitor = models.BigIntegerField(_("visitor"))
    event = models.TextField(_("event"))
    item = models.BigIntegerField(_("item"))
    transaction = models.BigIntegerField(_("transaction"), null=True)

    class Meta:
        managed = False
        verbose_name = _("raw RetailRocket event")
        verbose_name_plural = _("raw RetailRocket events")
        ordering: ClassVar = ["dataset_id", "line"]


class RawRetailRocketCategory(RawRow):
    """A line of category_tree.csv. Grain: one row a line; key: (dataset_id, line)."""

    pk = models.CompositePrimaryKey("dataset_id", "line")
    category = models.BigIntegerField(_("category"))
    parent = models.BigIntegerField(_("parent"), null=True)

    class Meta:
        managed = False
        verbose_name = _("raw RetailRocket category")
        verbose_name_plural = _("raw RetailRocket categories")
        ordering: ClassVar = ["dataset_id", "line"]


class RawRetailRocketProperty(RawRow):
    """A line of item_properties_part*.csv. Grain: one row a line; key: (dataset_id, part, line). Time in ms."""

    pk = models.CompositePrimaryKey("dataset_id", "part", "line")
    part = models.SmallIntegerField(_("part"))
    at_ms = models.BigIntegerField(_("time"))
    item = models.BigIntegerField(_("item"))
    property = models.TextField(_("property"))
    value = models.TextField(_("value"))

    class Meta:
        managed = False
        verbose_name = _("raw RetailRocket item property")
        verbose_name_plural = _("raw RetailRocket item properties")
        ordering: ClassVar = ["dataset_id", "part", "line"]


class RawCdnowPurchase(RawRow):
    """A line of CDNOW's purchase log. Grain: one row a line; key: (dataset_id, line)."""

    pk = models.CompositePrimaryKey("dataset_id", "line")
    customer = models.BigIntegerField(_("customer"))
    date = models.IntegerField(_("date"), help_text=_("As yyyymmdd."))
    cds = models.IntegerField(_("CDs"))
    dollars = models.DecimalField(_("dollars"), max_digits=10, decimal_places=2)

    class Meta:
        managed = False
        verbose_name = _("raw CDNOW purchase")
        verbose_name_plural = _("raw CDNOW purchases")
        ordering: ClassVar = ["dataset_id", "line"]


class RawOpenBanditImpression(RawRow):
    """A line of the Open Bandit sample. Grain: one row a line; key: (dataset_id, line). Time in ms since 1970."""

    pk = models.CompositePrimaryKey("dataset_id", "line")
    policy = models.TextField(_("policy"))
    campaign = models.TextField(_("campaign"))
    at_ms = models.BigIntegerField(_("time"))
    item = models.BigIntegerField(_("item"))
    position = models.IntegerField(_("position"))
    click = models.BooleanField(_("click"))
    propensity = models.FloatField(_("propensity"))
    user_feature_0 = models.TextField(_("user feature 0"))
    user_feature_1 = models.TextField(_("user feature 1"))

    class Meta:
        managed = False
        verbose_name = _("raw Open Bandit impression")
        verbose_name_plural = _("raw Open Bandit impressions")
        ordering: ClassVar = ["dataset_id", "line"]
