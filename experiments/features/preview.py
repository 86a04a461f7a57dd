"""Signed links that show a feature with a value on the real page; nobody can forge one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from experiments.features import parameters
from experiments.models import Feature
from novarium.kernel.errors import Invalid

_SALT = "experiments.preview"
MAX_AGE_SECONDS = 60 * 60 * 12


@dataclass(frozen=True, slots=True)
class PreviewValue:
    """The value that a preview shows for one feature."""

    feature: str
    value: dict[str, Any]


def sign_preview(feature: Feature, value: dict[str, Any]) -> str:
    """Return a token for ``?preview=`` that shows the feature with this value for twelve hours.

    Raises:
        Invalid: the value does not fit the feature's parameters.
    """
    clean = parameters.validate(value, declared=feature.parameters)
    return signing.dumps({"feature": feature.key, "value": clean}, salt=_SALT, compress=True)


def read_preview(token: str) -> PreviewValue:
    """Return what a preview link shows.

    Raises:
        Invalid: the token is forged or too old.
    """
    try:
        plain = signing.loads(token, salt=_SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature as error:
        raise Invalid(_("This preview link is not valid or too old. Open the preview again.")) from error
    return PreviewValue(feature=plain["feature"], value=plain["value"])
