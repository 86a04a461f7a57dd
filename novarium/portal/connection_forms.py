"""The forms of connections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from novarium.portal.connections import Settings
from novarium.portal.models import Connection, Team
from novarium.portal.models.connection import MOST_PER_MINUTE


class SettingsForm(forms.Form):
    """What may change about a connection at any time."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("The product and where it runs, such as “Web shop, production”.")
    )
    origins = forms.CharField(
        label=_("Web origins"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_(
            "One a line, such as https://shop.example: pages from there may call. Apps need none. * lets in all."
        ),
    )
    per_minute = forms.IntegerField(
        label=_("Calls a minute"),
        min_value=1,
        max_value=MOST_PER_MINUTE,
        initial=6000,
        help_text=_("More are answered with 429 until the minute is over."),
    )
    logs_exposures = forms.BooleanField(
        label=_("Store an exposure at each evaluation"),
        required=False,
        initial=True,
        help_text=_("Switch it off where the product reports exposures itself, at the moment the variant is seen."),
    )

    def origin_lines(self) -> tuple[str, ...]:
        """Return the origins as typed."""
        return tuple(self.cleaned_data["origins"].split())

    def settings(self, *, connection: Connection | None = None) -> Settings:
        """Return the values; the end of a connection that exists stays."""
        return Settings(
            name=self.cleaned_data["name"],
            origins=self.origin_lines(),
            per_minute=self.cleaned_data["per_minute"],
            logs_exposures=self.cleaned_data["logs_exposures"],
            expires_at=connection.expires_at if connection else None,
        )

    def take(self, problems: dict[str, list[str]]) -> None:
        """Show the sentences of a refusal at their fields."""
        for name, sentences in problems.items():
            self.add_error(name if name in self.fields else None, sentences)


class ConnectionForm(SettingsForm):
    """A new connection."""

    LIFETIMES: ClassVar = [("", _("Until it is revoked")), ("90", _("90 days")), ("365", _("One year"))]

    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), to_field_name="key", empty_label=None)
    kind = forms.ChoiceField(
        label=_("Where is the key kept?"),
        choices=[
            (Connection.Kind.CLIENT, _("In a web page or app, where anybody can read it (client key)")),
            (Connection.Kind.SERVER, _("On a server of ours, as a secret (server key)")),
        ],
        initial=Connection.Kind.SERVER,
        widget=forms.RadioSelect,
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Connection.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Connection.Scope.EVALUATE, Connection.Scope.INGEST],
        help_text=_("A client key may only evaluate features and send events."),
    )
    days = forms.ChoiceField(label=_("Valid for"), choices=LIFETIMES, required=False)

    field_order = ["team", "name", "kind", "scopes", "origins", "per_minute", "days", "logs_exposures"]  # noqa: RUF012

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        field.queryset = Team.objects.filter(pk__in=[team.pk for team in teams])  # type: ignore[attr-defined]

    def settings(self, *, connection: Connection | None = None) -> Settings:
        """Return the values, with the end that was chosen."""
        days = self.cleaned_data["days"]
        return Settings(
            name=self.cleaned_data["name"],
            origins=self.origin_lines(),
            per_minute=self.cleaned_data["per_minute"],
            logs_exposures=self.cleaned_data["logs_exposures"],
            expires_at=timezone.now() + timedelta(days=int(days)) if days else None,
        )
