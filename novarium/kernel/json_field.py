"""A form's JSON field that takes only what Postgres can hold and a page can show again."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.fields import InvalidJSONInput


class StorableJSONField(forms.JSONField):
    """JSON without NUL, halves of characters, infinite numbers, or bottomless nesting."""

    def to_python(self, value: Any) -> Any:
        """Return the parsed value."""
        if isinstance(value, str) and not _is_storable(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value[:100]})
        return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed, for the form to show it again."""
        if isinstance(data, str) and not _is_storable(data):
            return InvalidJSONInput(data)
        return super().bound_data(data, initial)


STORABLE_JSON: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.JSONField: {"form_class": StorableJSONField}
}


def _is_storable(text: str) -> bool:
    try:
        written = json.dumps(json.loads(text), allow_nan=False, ensure_ascii=False).encode()
    except json.JSONDecodeError:
        return True  # Django's own field says so
    except (ValueError, RecursionError):
        return False
    return b"\\u0000" not in written
