"""Template tags for the portal's components; built in to every template.

Each component is one template in ``templates/components`` and one file in ``static/css/components``;
the style page (``/style/``) shows them all with the markup that makes them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import date as date_type
from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from novarium.portal import intervals, numbers
from novarium.portal.glossary import GLOSSARY

register = template.Library()

Text = str | Promise

# Message levels and tones share one vocabulary: neutral, accent, good, warn, bad.
TONES = {"debug": "neutral", "info": "accent", "success": "good", "warning": "warn", "error": "bad"}
SHAPES = {"neutral": "ring", "accent": "dot", "good": "check", "warn": "triangle", "bad": "cross"}
MARKS = {"neutral": "info", "accent": "info", "good": "good", "warn": "warn", "bad": "bad"}

# How a state looks: its tone and its shape.
STATUS_LOOKS: dict[str, tuple[str, str]] = {
    "draft": ("neutral", "ring"),
    "queued": ("neutral", "ring"),
    "waiting": ("neutral", "ring"),
    "running": ("accent", "play"),
    "started": ("accent", "play"),
    "paused": ("warn", "pause"),
    "stopped": ("neutral", "square"),
    "cancelled": ("neutral", "square"),
    "decided": ("good", "check"),
    "done": ("good", "check"),
    "adopted": ("good", "check"),
    "passed": ("good", "check"),
    "rejected": ("neutral", "cross"),
    "rolled_back": ("warn", "diamond"),
    "warning": ("warn", "triangle"),
    "failed": ("bad", "cross"),
    "held": ("warn", "pause"),
}


# Numbers ------------------------------------------------------------------------------------------


@register.simple_tag
def number(value: numbers.Number | None, digits: int | None = None) -> str:
    """Write a number in the reader's language."""
    return numbers.number(value, digits=digits)


@register.simple_tag
def percent(share: numbers.Number | None, digits: int = 1) -> str:
    """Write a share (0.123) as per cent."""
    return numbers.percent(share, digits=digits)


@register.simple_tag
def signed_percent(share: numbers.Number | None, digits: int = 1) -> str:
    """Write a relative difference with its sign."""
    return numbers.signed_percent(share, digits=digits)


@register.simple_tag
def money(won: numbers.Number | None, digits: int = 0, signed: bool = False) -> str:  # noqa: FBT001, FBT002 - template
    """Write an amount of Korean won."""
    return numbers.money(won, digits=digits, signed=signed)


@register.simple_tag
def moment(at: datetime | None) -> str:
    """Write a date and time; its distance from now is in the title."""
    if at is None:
        return numbers.NOTHING
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), numbers.ago(at), numbers.moment(at))


@register.filter
def day(date: date_type | None, length: str = "short") -> str:
    """Write a date; ``{{ date|day:"long" }}`` in a sentence."""
    return numbers.day(date, long=length == "long") if date else numbers.NOTHING


@register.simple_tag
def ago(at: datetime | None) -> str:
    """Write how long ago it was; the date and time are in the title."""
    if at is None:
        return numbers.NOTHING
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), numbers.moment(at), numbers.ago(at))


# Words and marks ----------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """Show an icon of the set in ``components/icons.html``; it is decoration, so name the thing beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


def _inline(template_name: str, context: dict[str, Any]) -> SafeString:
    """Render what stands inside a sentence: without the line break at the end of the file."""
    return mark_safe(render_to_string(template_name, context).strip())


@register.simple_tag
def badge(text: Text, tone: str = "neutral", shape: str = "") -> SafeString:
    """Show a word with a shape; tones: neutral, accent, good, warn, bad."""
    return _inline("components/badge.html", {"text": text, "tone": tone, "shape": shape or SHAPES[tone]})


@register.simple_tag
def status(value: str, label: Text) -> SafeString:
    """Show a state (draft, running, stopped, decided, failed …) as a badge with its display label."""
    tone, shape = STATUS_LOOKS[str(value)]
    return badge(label, tone, shape)


@register.simple_tag
def term(key: str, text: Text = "") -> SafeString:
    """Show a term that opens its definition; ``text`` replaces the glossary's label in the sentence."""
    definition = GLOSSARY[key]
    context = {"definition": definition, "text": text or definition.label, "id": f"term-{key}-{secrets.token_hex(4)}"}
    return _inline("components/term.html", context)


@register.filter
def pretty_json(value: object) -> str:
    """Return a JSON value with one entry a line."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


@register.filter
def initials(name: object) -> str:
    """Return up to two letters for a person without a picture."""
    words = str(name).split()
    return "".join(word[0] for word in words[:2]).upper()


# Figures ------------------------------------------------------------------------------------------


@register.inclusion_tag("components/stat.html")
def stat(label: Text, value: Text, note: Text = "", tone: str = "neutral", href: str = "") -> dict[str, Any]:
    """Show one figure with its label; ``note`` compares or explains it and takes the tone."""
    return {"label": label, "value": value, "note": note, "tone": tone, "href": href}


@register.inclusion_tag("components/interval.html")
def interval(
    point: float,
    low: float | None,
    high: float | None,
    axis: float | None = None,
    margin: float | None = None,
    tone: str = "neutral",
    words: Text = "",
    show_words: bool = False,  # noqa: FBT001, FBT002 - template
) -> dict[str, Any]:
    """Show an estimate with its interval; rows to be compared share ``axis`` (see ``intervals.axis_for``).

    ``words`` says the same in text; without it the numbers are taken for relative differences.
    """
    half = axis if axis is not None else intervals.axis_for(point, low, high, margin=margin)
    plot = intervals.place(point=point, low=low, high=high, axis=half, margin=margin)
    return {"plot": plot, "tone": tone, "words": words or _interval_words(point, low, high), "show_words": show_words}


def _interval_words(point: float, low: float | None, high: float | None) -> str:
    bounds = {
        "point": numbers.signed_percent(point),
        "low": numbers.signed_percent(low) if low is not None else "−∞",
        "high": numbers.signed_percent(high) if high is not None else "+∞",
    }
    return _("%(point)s, from %(low)s to %(high)s") % bounds


@register.inclusion_tag("components/progress.html")
def progress(
    label: Text,
    value: float | None = None,
    maximum: float = 1,
    left: Text = "",
    note: Text = "",
    id: str = "",  # noqa: A002 - the attribute's name
) -> dict[str, Any]:
    """Show how far something is, what is happening (label) and how long is left; without a value it just runs."""
    return {"label": label, "value": value, "maximum": maximum, "left": left, "note": note, "id": id}


@register.inclusion_tag("components/timeline.html")
def timeline(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Show what happened when: items with ``title`` and ``at``, and optionally ``text``, ``by``, ``url``, ``tone``."""
    return {"items": items}


@register.inclusion_tag("components/code.html")
def code(text: str) -> dict[str, Any]:
    """Show a block of code that can be copied."""
    return {"text": text}


# Navigation within a page -------------------------------------------------------------------------


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Show the steps of a wizard: items with ``label``, ``state`` (done, current, ahead) and optionally ``url``."""
    return {"steps": steps}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], label: Text) -> dict[str, Any]:
    """Show pages of one object as tabs: items with ``label``, ``url``, ``is_open`` and optionally ``count``."""
    return {"tabs": items, "label": label}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Any) -> dict[str, Any]:
    """Show links to the newer and older page of a Django ``Page``, keeping the query."""
    return {"page": page, "request": context.get("request")}


@register.inclusion_tag("components/empty.html")
def empty_state(
    title: Text, text: Text = "", action_label: Text = "", action_url: str = "", icon_name: str = "info"
) -> dict[str, Any]:
    """Show that there is nothing yet, why, and what to do next."""
    return {
        "title": title,
        "text": text,
        "action_label": action_label,
        "action_url": action_url,
        "icon_name": icon_name,
    }


@register.inclusion_tag("components/toast.html")
def toast(text: Text, tone: str = "neutral") -> dict[str, Any]:
    """Show a passing message; Django's message levels are understood as tones."""
    tone = TONES.get(tone.rsplit(maxsplit=1)[-1] if tone else "info", tone)
    return {"text": text, "tone": tone, "mark": MARKS[tone]}


# Forms --------------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(field: BoundField, unit: Text = "", narrow: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - template
    """Show a form field with label, help and errors; ``unit`` stands behind the control (%, days)."""
    is_check = isinstance(field.field.widget, CheckboxInput)
    return {"field": field, "unit": unit, "narrow": narrow, "is_check": is_check}


@register.inclusion_tag("components/shares.html")
def shares(fields: Iterable[BoundField], label: Text) -> dict[str, Any]:
    """Show number fields in per cent that must sum to 100, with sliders and their sum (``js/shares.js``)."""
    return {"fields": fields, "label": label}


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """Say above the form what is wrong with it as a whole."""
    return {"form": form}


# Containers ---------------------------------------------------------------------------------------


@register.simple_block_tag
def panel(
    content: str,
    title: Text = "",
    note: Text = "",
    action_label: Text = "",
    action_url: str = "",
    id: str = "",  # noqa: A002 - the attribute's name
) -> str:
    """Frame a part of the page under a heading, with at most one link at its right."""
    context = {
        "content": content,
        "title": title,
        "note": note,
        "action_label": action_label,
        "action_url": action_url,
        "id": id,
    }
    return render_to_string("components/panel.html", context)


@register.simple_block_tag
def table(
    content: str,
    label: Text,
    sortable: bool = False,  # noqa: FBT001, FBT002 - template
    tall: bool = False,  # noqa: FBT001, FBT002 - template
    id: str = "",  # noqa: A002 - the attribute's name
) -> str:
    """Wrap ``thead`` and ``tbody`` in a dense table that scrolls in its own box.

    Columns of numbers carry ``class="number"`` in head and body; a cell's ``data-value`` is sorted by where its text
    is not what counts; a head cell with ``data-unsorted`` has no sort button.
    """
    context = {"content": content, "label": label, "sortable": sortable, "tall": tall, "id": id}
    return render_to_string("components/table.html", context)


@register.simple_block_tag
def notice(content: str, tone: str = "neutral") -> str:
    """Set a sentence apart that needs to be seen."""
    return render_to_string("components/notice.html", {"content": content, "tone": tone, "mark": MARKS[tone]})


@register.simple_block_tag
def dialog(content: str, id: str, title: Text) -> str:  # noqa: A002 - the attribute's name
    """Hold what a button opens: ``<button command="show-modal" commandfor="ID">``."""
    return render_to_string("components/dialog.html", {"content": content, "id": id, "title": title})


@register.simple_block_tag
def chart(
    content: str,
    id: str,  # noqa: A002 - the attribute's name
    figure: Mapping[str, Any],
    caption: Text = "",
    height: str = "",
    moves: bool = False,  # noqa: FBT001, FBT002 - template
) -> str:
    """Draw a Plotly figure (``data``, ``layout``; no colours, the theme has them) above its numbers as a table.

    The page adds ``{% chart_scripts %}`` in its ``scripts`` block. Traces may name a ``meta.tone`` or ``meta.series``.
    With ``moves`` the drawing stays in place when a fragment with the same chart comes in, and moves to its figure.
    """
    context = {
        "content": content.strip(),
        "id": id,
        "figure": figure,
        "caption": caption,
        "height": height,
        "moves": moves,
    }
    return render_to_string("components/chart.html", context)


@register.inclusion_tag("components/chart_scripts.html")
def chart_scripts() -> dict[str, Any]:
    """Load Plotly and the shared theme, once a page."""
    return {}
