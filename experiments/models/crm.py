"""The CRM lists that audiences ask for: who met a rule on the last built day, and who stays in a run regardless."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class CrmList(models.Model):
    """The units that met one rule on the last built day; ``experiments.audiences.crm_lists`` replaces all at once."""

    key = models.SlugField(_("key"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    day = models.DateField(_("day"), null=True, help_text=_("The last built day; empty before the first."))

    class Meta:
        verbose_name = _("CRM list")
        verbose_name_plural = _("CRM lists")
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


class CrmMember(models.Model):
    """A unit on a list. Grain: one row a list and unit."""

    pk = models.CompositePrimaryKey("crm_list_id", "unit_id")
    crm_list = models.ForeignKey(CrmList, on_delete=models.CASCADE, related_name="members", verbose_name=_("CRM list"))
    unit_id = models.CharField(_("unit"), max_length=64, db_index=True)

    class Meta:
        verbose_name = _("CRM member")
        verbose_name_plural = _("CRM members")

    def __str__(self) -> str:
        return f"{self.crm_list_id} {self.unit_id}"


class KeptMembership(models.Model):
    """The lists that an exposed unit was on when a run first reached it; for this run it stays on them.

    Grain: one row a run and unit, of those that were on a list at any time since their exposure. Without a row, a unit
    is on no list now and was on none then.
    """

    pk = models.CompositePrimaryKey("run_id", "unit_id")
    run = models.ForeignKey("experiments.Run", on_delete=models.CASCADE, related_name="kept_memberships")
    unit_id = models.CharField(_("unit"), max_length=64)
    lists = ArrayField(models.CharField(max_length=40), verbose_name=_("lists"))

    class Meta:
        verbose_name = _("kept membership")
        verbose_name_plural = _("kept memberships")

    def __str__(self) -> str:
        return f"{self.run_id} {self.unit_id}"
