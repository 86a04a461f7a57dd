"""The attributes by which the shop tells visitors apart; none says who somebody is or how they will behave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AttributeType = Literal["choice", "text", "number", "boolean", "list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """Something known of units that an audience may ask for.

    Attributes:
        type: ``choice`` (one of ``choices``), ``text``, ``number``, ``boolean``, or ``list`` (of texts).
        choices: Labels by value; for ``text`` none, for ``list`` where it holds nothing else.
        samples: Values that were seen, for attributes that programs send.
        own: Whether the shop or the platform itself tells it.
        changes: Whether it changes by itself as time goes by, so that units leave the audience.
    """

    key: str
    label: str | Promise
    type: AttributeType
    description: str | Promise = ""
    choices: Mapping[str, str | Promise] = field(default_factory=dict)
    samples: tuple[str, ...] = ()
    own: bool = False
    changes: bool = False


OWN_ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        key="device",
        label=_("Device"),
        type="choice",
        description=_("What the visitor's browser says it runs on."),
        choices={"mobile": _("Mobile"), "desktop": _("Desktop"), "tablet": _("Tablet")},
        own=True,
    ),
    Attribute(
        key="language",
        label=_("Language"),
        type="choice",
        description=_("The language in which the visitor reads the shop."),
        choices={"ko": _("Korean"), "en": _("English")},
        own=True,
    ),
    Attribute(
        key="returning",
        label=_("Came before"),
        type="boolean",
        description=_("Whether the visitor was here on an earlier day."),
        own=True,
        changes=True,
    ),
    Attribute(
        key="city",
        label=_("City"),
        type="choice",
        description=_("Where the visitor wants the food; unknown until chosen at the foot of the shop."),
        choices={
            "seoul": _("Seoul"),
            "incheon": _("Incheon"),
            "suwon": _("Suwon"),
            "busan": _("Busan"),
            "daegu": _("Daegu"),
            "daejeon": _("Daejeon"),
        },
        own=True,
    ),
    Attribute(
        key="signup_age_days",
        label=_("Days since the first visit"),
        type="number",
        description=_("Whole days since the visitor came for the first time; 0 on that day."),
        own=True,
        changes=True,
    ),
    Attribute(
        key="segment",
        label=_("CRM segment"),
        type="choice",
        description=_("By number and age of the visitor's orders, as the warehouse's user statistics tell them apart."),
        choices={
            "browser": _("Browser"),
            "new": _("New buyer"),
            "loyal": _("Loyal"),
            "champion": _("Champion"),
            "at_risk": _("At risk"),
            "lost": _("Lost"),
        },
        own=True,
        changes=True,
    ),
)
# Told by the platform, of units of every product; its choices are the CRM lists of the day.
CRM_TARGETS = Attribute(
    key="crm_targets",
    label=_("CRM targets"),
    type="list",
    description=_("The CRM rules that the unit met on the last built day; the Data Lab shows and edits them."),
    own=True,
    changes=True,
)
CITIES: Mapping[str, str | Promise] = next(item.choices for item in OWN_ATTRIBUTES if item.key == "city")
