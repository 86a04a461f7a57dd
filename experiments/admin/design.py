"""Features with their revisions, and metrics."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from experiments.features.registration import check_declarations, register_feature
from experiments.metrics import metric_authoring
from experiments.metrics.metric_authoring import MetricInput
from experiments.metrics.words import expression
from experiments.models import DefinitionVersion, Feature, FeatureRevision, Metric, MetricVersion
from novarium.kernel.errors import Invalid
from novarium.kernel.json_field import STORABLE_JSON
from novarium.portal.access import person
from novarium.portal.read_only_admin import ReadOnly, ReadOnlyAdmin


class RevisionInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """The history of a feature's live value."""

    model = FeatureRevision
    fields = readonly_fields = ("number", "value", "origin", "experiment", "author", "note", "created_at")
    extra = 0
    ordering = ("-number",)


class FeatureForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A feature; its declared parameters are checked once, when it is added."""

    class Meta:
        model = Feature
        fields = ("key", "name", "surface", "component", "description", "team", "value_type", "parameters")

    def clean_parameters(self) -> Any:
        """Refuse declarations that no value could follow."""
        try:
            check_declarations(
                self.cleaned_data["parameters"], value_type=self.cleaned_data.get("value_type", "object")
            )
        except Invalid as error:
            raise forms.ValidationError(error.message) from error
        return self.cleaned_data["parameters"]


@admin.register(Feature)
class FeatureAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A feature: key, page and parameters stay once values were made for them."""

    form = FeatureForm
    formfield_overrides = STORABLE_JSON
    list_display = ("name", "key", "surface", "component", "team")
    list_filter = ("surface", "team")
    list_select_related = ("team",)
    search_fields = ("key", "name", "component")
    inlines = (RevisionInline,)
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Feature | None = None) -> tuple[str, ...]:
        """Return what stays as it is."""
        return ("key", "surface", "value_type", "parameters", "team") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Feature | None = None) -> bool:
        """A feature has history."""
        return False

    def save_model(self, request: HttpRequest, obj: Feature, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Register a new feature with its first live value."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            register_feature(obj, actor=person(request))


@admin.register(FeatureRevision)
class FeatureRevisionAdmin(ReadOnlyAdmin):
    """All revisions of all features."""

    list_display = ("feature", "number", "origin", "experiment", "author", "created_at")
    list_filter = ("origin", "feature")
    list_select_related = ("feature", "experiment", "author")
    search_fields = ("feature__key", "note")
    date_hierarchy = None
    ordering = ("-created_at",)


@admin.register(DefinitionVersion)
class DefinitionVersionAdmin(ReadOnlyAdmin):
    """How often what is served has changed."""

    list_display = ("id", "number")


class MetricForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A metric, under the rules of the portal's own form."""

    class Meta:
        model = Metric
        fields = (
            "key",
            "team",
            "owner",
            *(name for name in MetricInput.__dataclass_fields__ if name != "owner_id"),
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a definition that is not meaningful."""
        clean = super().clean() or self.cleaned_data
        names = MetricInput.__dataclass_fields__.keys() - {"owner_id"}
        given = {name: clean.get(name, getattr(self.instance, name, "")) for name in names}
        for side in ("numerator_filters", "denominator_filters"):
            given[side] = clean[side] = given[side] or []
        for name, sentences in metric_authoring.definition_problems(MetricInput(**given)).items():
            self.add_error(name if name in self.fields else None, sentences)
        return clean


class VersionInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """The history of a metric's definition."""

    model = MetricVersion
    fields = readonly_fields = ("number", "definition", "author", "note", "created_at")
    extra = 0
    ordering = ("-number",)


@admin.register(Metric)
class MetricAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A metric: a changed definition is its next version."""

    form = MetricForm
    formfield_overrides = STORABLE_JSON
    list_display = ("name", "key", "type", "definition", "direction", "version", "owner", "team")
    list_filter = ("type", "direction", "unit", "team")
    list_select_related = ("team", "owner")
    search_fields = ("key", "name", "numerator_event", "denominator_event")
    inlines = (VersionInline,)
    actions = None

    @admin.display(description=_("definition"))
    def definition(self, metric: Metric) -> str:
        """Return the definition in the compact notation."""
        return expression(metric)

    def get_readonly_fields(self, request: HttpRequest, obj: Metric | None = None) -> tuple[str, ...]:
        """Return what stays as it is."""
        return ("key", "team") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Metric | None = None) -> bool:
        """Return whether no experiment uses it."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and not metric_authoring.users_of(obj).exists()

    def save_model(self, request: HttpRequest, obj: Metric, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write through the portal's own operations, which audit."""
        given = MetricInput(**{name: getattr(obj, name) for name in MetricInput.__dataclass_fields__})
        if change:
            metric_authoring.change(Metric.objects.get(pk=obj.pk), given, actor=person(request))
        else:
            obj.pk = metric_authoring.create(given, key=obj.key, team=obj.team, actor=person(request)).pk

    def delete_model(self, request: HttpRequest, obj: Metric) -> None:
        """Delete through the portal's own operation."""
        metric_authoring.delete(obj, actor=person(request))


@admin.register(MetricVersion)
class MetricVersionAdmin(ReadOnlyAdmin):
    """All versions of all metrics."""

    list_display = ("metric", "number", "author", "created_at", "note")
    list_select_related = ("metric", "author")
    search_fields = ("metric__key", "note")
    date_hierarchy = None
    ordering = ("-created_at",)
