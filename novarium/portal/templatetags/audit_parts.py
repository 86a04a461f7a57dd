"""Parts of pages that show the audit log."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from novarium.portal import audit_words
from novarium.portal.difference import difference
from novarium.portal.models import AuditEntry
from novarium.portal.numbers import NOTHING

register = template.Library()

NAMED = 4


@register.filter
def action_label(action: str) -> str:
    """Return an action in the reader's words."""
    return audit_words.action_label(action)


@register.simple_tag
def audited_object(entry: AuditEntry) -> SafeString:
    """Show what was changed, with a link where it has a page."""
    key = format_html("<code>{}</code>", entry.object_key)
    url = audit_words.object_url(entry.action, entry.object_type, entry.object_key)
    linked = format_html('<a href="{}">{}</a>', url, key) if url else key
    return format_html("{} {}", audit_words.object_label(entry.object_type), linked)


@register.inclusion_tag("portal/difference.html")
def before_and_after(entry: AuditEntry) -> dict[str, Any]:
    """Show which fields of an entry differ and, when opened, their values side by side."""
    changes = [
        {
            "label": audit_words.field_label(entry.object_type, change.path),
            "before": _readable(change.before),
            "after": _readable(change.after),
        }
        for change in difference(entry.before, entry.after)
    ]
    names = list(dict.fromkeys(change["label"].split(" › ")[0] for change in changes))
    more = len(names) - NAMED
    return {"changes": changes, "names": ", ".join(names[:NAMED]), "more": max(more, 0)}


def _readable(value: Any) -> str:
    """Return a JSON value as it is best read: words for yes, no and nothing, JSON for what has parts."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
