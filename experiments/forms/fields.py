"""Form fields that the pages share, and how a domain error comes to stand beside its field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from novarium.kernel.errors import Invalid


class ShareField(forms.DecimalField):
    """A share that people read and type in per cent; cleans to a float in 0..1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 9, "decimal_places": 4, **kwargs})
        self.widget.attrs |= {"step": "any", "inputmode": "decimal"}

    def prepare_value(self, value: Any) -> Any:
        """Return the stored share in per cent, and what was typed as it was typed."""
        return plain_percent(value) if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        """Return the share, or None for nothing."""
        typed = super().clean(value)
        return None if typed is None else float(typed / 100)


class NumberField(forms.FloatField):
    """A number without the noise of binary fractions when shown again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"step": "any", "inputmode": "decimal"}

    def prepare_value(self, value: Any) -> Any:
        """Return the shortest text of the number."""
        return f"{value:.10g}" if isinstance(value, float) else value


def plain_percent(share: float) -> str:
    """Return a share in per cent without trailing zeros: 0.05 becomes ``5``."""
    return f"{(Decimal(str(share)) * 100).quantize(Decimal('0.0001')).normalize():f}"


def refuse(form: forms.BaseForm, error: Invalid) -> None:
    """Put a domain error's sentences beside the form's fields; what has no field stands above the form."""
    for name, sentences in error.fields.items():
        form.add_error(name if name in form.fields else None, sentences)
    if not error.fields:
        form.add_error(None, error.message)


EMPTY_CHOICE = _("Choose …")
