"""Bodies that programs send: no unknown field, no number that a float cannot hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
else:
    PlainSerializer = serializers.Serializer


class FiniteField(serializers.FloatField):
    """A number that a float can hold."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number."""
        try:
            value = float(super().to_internal_value(data))
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class RefusesUnknown:
    """Refuses fields that the serializer does not know, so that a misspelt one is not lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the typed fields."""
        fields = self.fields  # type: ignore[attr-defined]  # stands before a serializer
        unknown = sorted(set(data) - set(fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: ["There is no such field."] for name in unknown[:20]})
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictSerializer(RefusesUnknown, PlainSerializer):
    """A body with exactly the fields that are declared."""


class NoteSerializer(StrictSerializer):
    """Why something is done."""

    note = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="Stands in the audit log."
    )
