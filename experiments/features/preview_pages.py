"""The shop's page that shows a feature, and the link that previews a value on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

from experiments.features.preview import sign_preview
from experiments.models import Feature

PAGES: dict[str, str] = {
    Feature.Surface.HOME: "/shop/",
    Feature.Surface.SEARCH: "/shop/search/",
    Feature.Surface.RESTAURANT: "/shop/restaurants/hangang-kitchen/",
    Feature.Surface.CART: "/shop/cart/",
    Feature.Surface.TRACKING: "/shop/orders/sample/",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """A framed shop page; ``url`` is empty where the feature lives in an external app."""

    url: str
    title: str
    feature: str


def preview(feature: Feature, value: Mapping[str, Any], *, title: str) -> Preview:
    """Return the shop's page that shows the feature with this value, the component highlighted.

    Raises:
        Invalid: the value does not fit the feature's parameters.
    """
    token = sign_preview(feature, dict(value))
    page = PAGES.get(feature.surface)
    return Preview(f"{page}?{urlencode([('preview', token), ('highlight', '1')])}" if page else "", title, feature.key)
