"""Features of an imagined other product, one of each scalar type, so that a newcomer can evaluate something at once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from experiments.catalogue.features import FeatureSeed


def _seed(key: str, name: str, about: str, value_type: str, declared: dict[str, Any]) -> FeatureSeed:
    parameter = {"name": "value", "label": _("Value"), **declared}
    return FeatureSeed(
        key=key,
        name=name,
        surface="external",
        component="app",
        description=about,
        parameters=(parameter,),
        value_type=value_type,
    )


EXTERNAL_FEATURES: tuple[FeatureSeed, ...] = (
    _seed(
        "app-new-search",
        _("App: new search"),
        _("Example of a yes-or-no feature of another product."),
        "boolean",
        {"type": "boolean", "default": False},
    ),
    _seed(
        "app-welcome-text",
        _("App: welcome text"),
        _("Example of a text feature of another product."),
        "string",
        {"type": "text", "default": "Welcome!", "max_length": 80},
    ),
    _seed(
        "app-results-per-page",
        _("App: results per page"),
        _("Example of a whole-number feature of another product."),
        "integer",
        {"type": "integer", "default": 20, "min": 5, "max": 100},
    ),
    _seed(
        "app-delivery-fee-factor",
        _("App: delivery fee factor"),
        _("Example of a number feature of another product."),
        "float",
        {"type": "number", "default": 1.0, "min": 0.5, "max": 2.0},
    ),
)
