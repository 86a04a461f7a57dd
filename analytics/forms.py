"""The forms of decisions, the archive and the data pages."""

from __future__ import annotations

from datetime import date
from importlib.util import find_spec
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.archive import MAX_NOTE, ArchiveFilter
from analytics.crm_rules import FIELDS as RULE_FIELDS
from analytics.decisions import MAX_TEXT, Reasons
from analytics.models import ArchiveEntry, CrmRule, Dataset, Decision, MartRun, UserStat
from novarium.portal.forms import DayField
from novarium.portal.models import Team

ACTIVITIES = ("views", "carts", "orders")
MOST_DAYS = 400
LIBRARIES = {"duckdb": "duckdb", "spark": "pyspark"}  # by engine, of those that are extras
AREA = forms.Textarea(attrs={"rows": 3})


class FreshForm(forms.Form):
    """A form whose hidden fields say what its page showed; where they are broken, the page must be opened again."""

    def clean(self) -> None:
        """Say at the top what no reader can mend at a field."""
        super().clean()
        if any(self[name].is_hidden for name in self.errors):
            self.add_error(None, _("This form is broken or too old. Open the page again."))


class DatasetField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """Any dataset, by its key; what this installation receives is called so in the reader's language."""

    def __init__(self) -> None:
        queryset = Dataset.objects.all()
        super().__init__(queryset, label=_("Dataset"), to_field_name="key", required=False, empty_label=None)

    def label_from_instance(self, obj: Dataset) -> str:
        """Return the name."""
        return str(obj.get_form_display() if obj.form == Dataset.Form.RECEIVED else obj.name)


class RejectForm(FreshForm):
    """Keep the feature as it is."""

    run = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    stop_first = forms.BooleanField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note"), max_length=MAX_TEXT, widget=AREA, help_text=_("Why this decision? Everybody can read it.")
    )
    learning = forms.CharField(
        label=_("Learning"),
        max_length=MAX_TEXT,
        widget=AREA,
        help_text=_("What do you know now that you did not before? The next design starts from it."),
    )

    def reasons(self) -> Reasons:
        """Return what was written."""
        written = self.cleaned_data
        return Reasons(note=written["note"], learning=written["learning"], override=written.get("override", ""))


class AdoptForm(RejectForm):
    """Make a variant what everybody sees."""

    variant = forms.ChoiceField(label=_("Variant"))
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    override = forms.CharField(
        label=_("Reason for overriding"),
        max_length=MAX_TEXT,
        required=False,
        widget=AREA,
        help_text=_("Needed only against an objection; it is kept with the decision."),
    )

    field_order = ("run", "stop_first", "revision", "variant", "note", "learning", "override")

    def __init__(self, *args: Any, variants: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["variant"]
        field.choices = variants  # type: ignore[attr-defined]  # a ChoiceField's


class NoteForm(FreshForm):
    """A new wording of a learning note."""

    text = forms.CharField(label=_("Learning"), max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 5}))
    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ArchiveFilterForm(forms.Form):
    """What to show of the archive."""

    words = forms.CharField(
        label=_("Search"), max_length=200, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    feature = forms.ChoiceField(label=_("Feature"), required=False)
    metric = forms.ChoiceField(label=_("Metric"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anything = ("", _("All"))
        entries = ArchiveEntry.objects.order_by()
        for name in ("feature", "metric"):
            values = sorted(entries.values_list(name, flat=True).distinct())
            self._offer(name, [anything, *((value, value) for value in values)])
        self._offer("outcome", [anything, *Decision.Outcome.choices])
        self._offer("team", [anything, *Team.objects.values_list("key", "name")])

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField's

    def clean(self) -> None:
        """Refuse a period that ends before it begins."""
        super().clean()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The end lies before the beginning."))

    def wanted(self) -> ArchiveFilter:
        """Return the filter that was asked for."""
        return ArchiveFilter(**self.cleaned_data)


class DatasetForm(forms.Form):
    """Which dataset to show."""

    dataset = DatasetField()

    def day_of(self, text: str) -> date | None:
        """Return the day that a link of the page names; None where it is none."""
        try:
            return cast(date | None, DayField(required=False).clean(text))
        except forms.ValidationError:
            return None


class RangeForm(DatasetForm):
    """Which days of a dataset to show."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)

    def clean(self) -> None:
        """Refuse a range that ends before it begins, or that no page could show."""
        super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end lies before the beginning."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last", _("A page shows at most %(most)s days.") % {"most": MOST_DAYS})


class CrmRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The limits of a CRM rule; the key stays as it was given."""

    class Meta:
        model = CrmRule
        fields = ("name", "key", *RULE_FIELDS[1:])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["key"]
        else:
            self.fields["key"].help_text = _("What conditions and files call it; it cannot be changed.")
        self.fields["is_active"].help_text = _("Out of use it makes no targets, and no audience has it.")

    def clean(self) -> dict[str, Any]:
        """Say in words what no visitor could meet, or what every visitor would."""
        given = super().clean() or {}
        if not any(given.get(f"least_{name}") for name in ACTIVITIES):
            self.add_error(None, _("Ask for at least one view, cart or order."))
        for name in ACTIVITIES:
            least, most = given.get(f"least_{name}"), given.get(f"most_{name}")
            if least is not None and most is not None and most < least:
                self.add_error(f"most_{name}", _("The most lies below the least."))
        return given

    def validate_constraints(self) -> None:
        """Leave the table's own constraints to ``clean``, which names the fields."""


class BuildForm(forms.Form):
    """Which marts to build."""

    dataset = DatasetField()
    day = DayField(
        label=_("Day"),
        required=False,
        help_text=_("Leave it empty to build every day."),
    )
    last = DayField(
        label=_("Last day"), required=False, help_text=_("Of a range that begins with the day; empty for one day.")
    )
    engine = forms.ChoiceField(
        label=_("Engine"),
        required=False,
        help_text=_(
            "Postgres builds single days and needs nothing else. DuckDB pays for every day of a large import: it"
            " computes beside the database and copies the tables back. Spark pays where one machine is not enough."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["engine"]
        field.choices = engines()  # type: ignore[attr-defined]  # a ChoiceField's


def engines() -> list[tuple[str, str]]:
    """Return the engines that can build here: Postgres, and those whose library is installed."""
    return [(name, label) for name, label in MartRun.Engine.choices if name == "postgres" or find_spec(LIBRARIES[name])]


class ReportForm(forms.Form):
    """Of which day reports are wanted."""

    dataset = DatasetField()
    day = DayField(label=_("Day"), required=False)


class ImportForm(forms.Form):
    """Which log to import, and as which dataset."""

    place = forms.ChoiceField(label=_("Folder or file"))
    form = forms.ChoiceField(label=_("Form"), choices=[*Dataset.Form.choices][1:])
    key = forms.SlugField(
        label=_("Key of the dataset"),
        max_length=60,
        help_text=_("A new one, or that of an import that was broken off, which then goes on."),
    )

    def __init__(self, *args: Any, places: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        field.choices = [(place, place) for place in places]  # type: ignore[attr-defined]  # a ChoiceField's


class SegmentFilterForm(forms.Form):
    """Which users to show."""

    segment = forms.ChoiceField(label=_("Segment"), required=False)
    unit = forms.CharField(label=_("Unit"), max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["segment"]
        field.choices = [("", _("All")), *UserStat.Segment.choices]  # type: ignore[attr-defined]  # a ChoiceField's
