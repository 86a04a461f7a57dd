"""The portal's forms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from novarium.portal import audit_words
from novarium.portal.models import ApiToken, Kind, User

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


class DayField(forms.DateField):
    """A day that time zones and calendars cannot push over an edge."""

    widget = forms.DateInput(attrs={"type": "date"})

    def __init__(self, **kwargs: Any) -> None:
        refusal = _("Choose a day from 2000 to 2999.")
        limits = [MinValueValidator(FIRST_DAY, refusal), MaxValueValidator(LAST_DAY, refusal)]
        super().__init__(validators=limits, **kwargs)


class LoginForm(AuthenticationForm):
    """User name and password."""

    error_messages = {  # noqa: RUF012 - Django declares it so
        "invalid_login": _("User name and password do not match. Both are case-sensitive."),
        "inactive": _("This account is switched off."),
    }


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What a person may change about themselves."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "language", "theme")
        labels: ClassVar = {"first_name": _("First name"), "last_name": _("Last name"), "email": _("E-mail")}


class MailForm(forms.Form):
    """Which kinds of message a person also wants by e-mail."""

    kinds = forms.MultipleChoiceField(
        label=_("Also by e-mail"), choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class TokenForm(forms.Form):
    """A new API token."""

    LIFETIMES: ClassVar = [("30", _("30 days")), ("90", _("90 days")), ("365", _("One year"))]

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What will use it, such as “weekly report”."))
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=ApiToken.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[ApiToken.Scope.READ],
        help_text=_("A token can never do more than you may do yourself."),
    )
    days = forms.ChoiceField(label=_("Valid for"), choices=LIFETIMES, initial="90")

    def lifetime(self) -> timedelta:
        """Return how long the token will live."""
        return timedelta(days=int(self.cleaned_data["days"]))


class AuditFilter(forms.Form):
    """What to show of the audit log; everything may stay empty."""

    actor = forms.CharField(label=_("Person"), max_length=150, required=False)
    action = forms.CharField(label=_("Action"), max_length=60, required=False, widget=forms.Select)
    object = forms.CharField(label=_("Object"), max_length=120, required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        asked = str(self.data.get("action", ""))
        known = audit_words.action_choices()
        others = [] if not asked or asked in audit_words.ACTIONS else [(asked, audit_words.action_label(asked))]
        cast(forms.Select, self.fields["action"].widget).choices = [("", gettext("All")), *others, *known]

    def clean(self) -> None:
        """Refuse a period that ends before it begins."""
        super().clean()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The end lies before the beginning."))
