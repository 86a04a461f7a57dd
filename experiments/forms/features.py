"""Changing a feature's live value by hand, and rolling it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experiments.forms.parameters import ParameterForm


class LiveValueForm(ParameterForm):
    """A new live value; ``expected`` is the revision that the person saw."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Why; it stands in the history."),
    )


class RollbackForm(forms.Form):
    """Back to an earlier revision."""

    to = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Why the earlier value comes back; it stands in the history."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].widget.attrs["autofocus"] = True
