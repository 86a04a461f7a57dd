"""The forms of the simulator's pages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from simulation.labels import PERSONAS
from simulation.models.swarm import MOST_SEED, MOST_VISITORS
from simulation.personas import DEFAULT_MIX


class MixForm(forms.Form):
    """A share for each persona; together 100 per cent."""

    def __init__(self, *args: Any, mix: Mapping[str, float] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{type(self).__name__.lower()}-%s"  # two of these forms may stand on one page
        for key, (label, about) in PERSONAS.items():
            self.fields[key] = forms.DecimalField(
                label=label,
                help_text=about,
                min_value=0,
                max_value=100,
                max_digits=6,
                decimal_places=3,
                initial=(mix or DEFAULT_MIX).get(key, 0),
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse shares that do not sum to 100."""
        cleaned: dict[str, Any] = super().clean() or {}
        given = [cleaned[key] for key in PERSONAS if cleaned.get(key) is not None]
        if len(given) == len(PERSONAS):
            total = sum(given, Decimal(0))
            if total != 100:
                raise forms.ValidationError(
                    _("The shares sum to %(total)s per cent; they must sum to 100."),
                    params={"total": f"{total.normalize():f}"},
                )
        return cleaned

    @property
    def mix(self) -> dict[str, float]:
        """The mix that was entered."""
        shares = ((key, float(self.cleaned_data[key])) for key in PERSONAS)
        return {key: int(share) if share.is_integer() else share for key, share in shares}

    @property
    def mix_fields(self) -> list[forms.BoundField]:
        """The fields of the shares."""
        return [self[key] for key in PERSONAS]


class SendForm(MixForm):
    """People for an experiment."""

    visitors = forms.IntegerField(label=_("Visitors"), min_value=1, max_value=MOST_VISITORS, initial=2000)
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=MOST_SEED,
        required=False,
        help_text=_("The same seed sends the same people. Leave it empty for new ones."),
    )


class TrafficForm(MixForm):
    """The background traffic."""

    enabled = forms.BooleanField(label=_("Let people visit all the time"), required=False)
    visitors_per_minute = forms.IntegerField(label=_("Visitors per minute"), min_value=1, max_value=1200)
