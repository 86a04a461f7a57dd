"""The CRM rules: made and changed by leads; and their targets of the last built day handed to the audiences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from analytics.marts.zone import date_of
from analytics.models import CrmRule, DailyMetric
from analytics.models.imported import RECEIVED_ID
from experiments.public import MOST_LISTS, MOST_UNITS, CrmListInput, replace_lists
from novarium.kernel import sql
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User

FIELDS = (
    "name", "is_active", "days", "least_views", "most_views", "least_carts", "most_carts", "least_orders",
    "most_orders", "cap", "priority",
)  # fmt: skip


def publish_targets() -> int:
    """Make the targets of the last built day of received events the CRM lists; return how many units are on them.

    Rules in use without a target have an empty list, so that audiences can name them.
    """
    last = DailyMetric.objects.filter(dataset_id=RECEIVED_ID).aggregate(last=Max("day"))["last"]
    bounds = {"dataset_id": RECEIVED_ID, "day": -1 if last is None else last, "most": MOST_UNITS}
    units = {row["rule"]: row["units"] for row in sql.rows("analytics/sql/exports/crm_lists.sql", bounds)}
    rules = CrmRule.objects.filter(is_active=True).values_list("key", "name")[:MOST_LISTS]
    lists = [CrmListInput(key=key, name=name, units=units.get(key, ())) for key, name in rules]
    replace_lists(lists, day=None if last is None else date_of(last))
    return sum(len(each.units) for each in lists)


def save_rule(rule: CrmRule, *, values: Mapping[str, Any], actor: User) -> CrmRule:
    """Make a rule, or change one; its limits count from the next build, its name and whether it is in use at once.

    Args:
        rule: A new one with a key, or one that is stored.
        values: By the names of ``FIELDS``.

    Raises:
        Invalid: the key is taken, or too many rules would be in use.
        Conflict: the rule is gone.
    """
    with transaction.atomic():
        others = CrmRule.objects.select_for_update().exclude(pk=rule.pk)
        if values["is_active"] and sum(other.is_active for other in others) >= MOST_LISTS:
            sentence = _("At most %(most)s rules can be in use.") % {"most": MOST_LISTS}
            raise Invalid(sentence, fields={"is_active": [sentence]})
        if any(other.key == rule.key for other in others):
            raise Invalid(_("This key is taken."), fields={"key": [_("Choose another key.")]})
        stored = CrmRule.objects.filter(pk=rule.pk).first() if rule.pk else None
        if rule.pk and stored is None:
            raise Conflict(_("This rule is gone."))
        before = {name: getattr(stored, name) for name in FIELDS} if stored else None
        after = {name: values[name] for name in FIELDS}
        if before == after:
            return rule
        for name, value in after.items():
            setattr(rule, name, value)
        rule.save()
        action = "crm_rule.change" if before else "crm_rule.create"
        audit.record(
            actor=actor, action=action, object_type="crm_rule", object_key=rule.key, before=before, after=after
        )
        publish_targets()
    return rule
