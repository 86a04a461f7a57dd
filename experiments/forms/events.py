"""Events of the catalogue, and rejected events, as forms."""

from __future__ import annotations

import json
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from experiments.catalogue.events import PROPERTY_TYPES, Property
from experiments.events.event_types import MOST_PROPERTIES, VersionInput
from experiments.events.rejected_events import WantedRejections
from experiments.models import EventTypeVersion
from novarium.portal.access import teams_for
from novarium.portal.models import Team, User
from novarium.portal.roles import Action

TYPE_LABELS: dict[str, str | Promise] = {
    "text": _("Text"),
    "integer": _("Whole number"),
    "number": _("Number"),
    "boolean": _("Yes or no"),
    "time": _("Time"),
}
BLANK_ROWS = 4


class PropertyForm(forms.Form):
    """One declared property; a row without a name is left out."""

    name = forms.CharField(label=_("Property"), max_length=40, required=False)
    type = forms.ChoiceField(label=_("Type"), choices=[(name, TYPE_LABELS[name]) for name in PROPERTY_TYPES])
    required = forms.BooleanField(label=_("Required"), required=False)
    description = forms.CharField(label=_("Meaning"), max_length=200, required=False)


PropertyRows = forms.formset_factory(PropertyForm, extra=BLANK_ROWS, max_num=MOST_PROPERTIES, validate_max=True)


class VersionForm(forms.Form):
    """What an event carries; the properties stand in ``rows``."""

    carries_amount = forms.BooleanField(
        label=_("Carries an amount of money"), required=False, help_text=_("In won, above zero; metrics can sum it.")
    )
    breaks = forms.BooleanField(
        label=_("This is a breaking change"),
        required=False,
        help_text=_("Events that are sent today will be refused; the reason is kept."),
    )
    note = forms.CharField(
        label=_("Reason or note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    expected = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, version: EventTypeVersion | None = None) -> None:
        initial = {"carries_amount": version.carries_amount, "expected": version.number} if version else {"expected": 0}
        super().__init__(data, initial=initial)
        # A row that was sent is taken as it came; one like before must not pass for an empty one.
        known = version.properties if version and data is None else None
        self.rows = PropertyRows(data, initial=known, prefix="property")
        if version is None:
            del self.fields["breaks"]

    def is_valid(self) -> bool:
        """Whether the form and each of its rows are right."""
        rows_are_right = self.rows.is_valid()
        for sentence in self.rows.non_form_errors():
            self.add_error(None, sentence)
        return super().is_valid() and rows_are_right

    def given(self) -> VersionInput:
        """Return what was typed."""
        names = ("name", "type", "required", "description")
        typed = [row.cleaned_data for row in self.rows if row.cleaned_data.get("name")]
        return VersionInput(
            carries_amount=self.cleaned_data["carries_amount"],
            properties=tuple(Property(**{name: row[name] for name in names}) for row in typed),
            note=self.cleaned_data["note"],
            breaks=self.cleaned_data.get("breaks", False),
        )


class EventTypeForm(VersionForm):
    """A new event with its first version."""

    name = forms.CharField(
        label=_("Name"), max_length=40, help_text=_("As programs send it: small letters, digits, underscores.")
    )
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=None)
    description = forms.CharField(
        label=_("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data)
        teams = [team.pk for team in teams_for(person, Action.DESIGN)]
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = Team.objects.filter(pk__in=teams)


class RejectionFilter(forms.Form):
    """Which rejected events are shown."""

    reason = forms.CharField(required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("waiting", _("Waiting")), ("replayed", _("Replayed")), ("all", _("All"))],
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    search = forms.CharField(label=_("Search"), required=False, max_length=100)

    def __init__(self, data: Any, reasons: list[str]) -> None:
        super().__init__(data or None)
        choices = [("", _("All")), *((name, name) for name in reasons)]
        self.fields["reason"] = forms.ChoiceField(label=_("Reason"), required=False, choices=choices)
        self.order_fields(["reason", "state", "since", "until", "search"])

    def wanted(self) -> WantedRejections:
        """Return the conditions; one that cannot be read is left out."""
        if not self.is_bound:
            return WantedRejections()
        self.is_valid()
        clean = self.cleaned_data
        return WantedRejections(
            reason=clean.get("reason", ""),
            state=clean.get("state") or "waiting",
            since=clean.get("since"),
            until=clean.get("until"),
            search=clean.get("search", "").replace("\0", ""),
        )


class ReplayForm(forms.Form):
    """A payload to be mended."""

    payload = forms.CharField(
        label=_("Payload"),
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "code"}),
        help_text=_("The event as JSON. What is right can stay as it is."),
    )

    def clean_payload(self) -> Any:
        """Return the JSON value."""
        try:
            return json.loads(self.cleaned_data["payload"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is no JSON: %(error)s") % {"error": str(error)[:200]}) from error
