"""Rules that say whom to address, and the visitors who met them."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

LONGEST_LOOK_BACK = 90
NO_LIMIT = 1_000_000
# The names of the first rules: pages show them translated, and all others as they were typed.
SEEDED = (
    gettext_noop("Left a cart today"),
    gettext_noop("20 views in 7 days, no cart"),
    gettext_noop("Two orders or more in 30 days"),
)
LARGEST_CAP = 10_000  # as many as an audience's list may hold: every web process keeps them in memory


class CrmRule(models.Model):
    """Limits on what a visitor did in the last days. Whoever keeps all of them is a target of the day."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("in use"), default=True)
    days = models.PositiveSmallIntegerField(
        _("days looked back on"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LOOK_BACK)],
        help_text=_("The day itself included."),
    )
    least_views = models.PositiveIntegerField(_("page views at least"), default=0)
    most_views = models.PositiveIntegerField(_("page views at most"), default=NO_LIMIT)
    least_carts = models.PositiveIntegerField(_("carts at least"), default=0)
    most_carts = models.PositiveIntegerField(_("carts at most"), default=NO_LIMIT)
    least_orders = models.PositiveIntegerField(_("orders at least"), default=0)
    most_orders = models.PositiveIntegerField(_("orders at most"), default=NO_LIMIT)
    cap = models.PositiveIntegerField(
        _("cap"),
        default=1000,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_CAP)],
        help_text=_("Targets a day at most."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=1, help_text=_("Rules stand in this order, the lowest number first.")
    )

    class Meta:
        verbose_name = _("CRM rule")
        verbose_name_plural = _("CRM rules")
        ordering: ClassVar = ["priority", "key"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=LONGEST_LOOK_BACK), name="crm_rule_days"),
            models.CheckConstraint(
                condition=Q(least_views__gte=1) | Q(least_carts__gte=1) | Q(least_orders__gte=1),
                name="crm_rule_asks_for_something",
            ),
            models.CheckConstraint(
                condition=Q(
                    least_views__lte=F("most_views"),
                    least_carts__lte=F("most_carts"),
                    least_orders__lte=F("most_orders"),
                ),
                name="crm_rule_can_be_met",
            ),
            models.CheckConstraint(condition=Q(cap__gte=1), name="crm_rule_cap"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def views_range(self) -> str:
        """How many page views, in signs."""
        return _range(self.least_views, self.most_views)

    @property
    def carts_range(self) -> str:
        """How many carts, in signs."""
        return _range(self.least_carts, self.most_carts)

    @property
    def orders_range(self) -> str:
        """How many orders, in signs."""
        return _range(self.least_orders, self.most_orders)


def _range(least: int, most: int) -> str:
    """Return both limits in signs: ≥ 20, 0, 1–3, or a dash where there is none."""
    if most >= NO_LIMIT:
        return f"≥ {least}" if least else "–"
    return str(least) if least == most else f"{least}–{most}"


class CrmTarget(models.Model):
    """A visitor who met a rule on a day. Grain: one row a day, rule and visitor."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    rule_id = models.BigIntegerField(_("rule"))
    visitor = models.BigIntegerField(_("visitor"))
    rank = models.IntegerField(_("rank"))
    page_views = models.BigIntegerField(_("page views"))
    carts = models.BigIntegerField(_("carts"))
    orders = models.BigIntegerField(_("orders"))
    pk = models.CompositePrimaryKey("dataset_id", "day", "rule_id", "visitor")

    class Meta:
        verbose_name = _("CRM target")
        verbose_name_plural = _("CRM targets")
        ordering: ClassVar = ["dataset_id", "-day", "rule_id", "rank"]

    def __str__(self) -> str:
        return f"{self.day} {self.rule_id} {self.visitor}"
