"""Experiments: a draft changes through the builder's own checks; what was launched is read-only."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from experiments.designs import deletion, drafting
from experiments.designs.authoring import PlanInput, plan_problems
from experiments.models import Experiment, Guardrail, Run, Variant
from novarium.kernel.errors import Conflict, Invalid
from novarium.kernel.json_field import STORABLE_JSON
from novarium.portal import audit
from novarium.portal.access import person
from novarium.portal.read_only_admin import ReadOnly, ReadOnlyAdmin

DESIGN = ("name", "who", "what", "why", "expected_impact", "oec", *PlanInput.__dataclass_fields__)


def _is_draft(experiment: Experiment | None) -> bool:
    return experiment is not None and experiment.status == Experiment.Status.DRAFT


class DraftPartFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that belong to a draft."""

    def kept_rows(self) -> list[Any]:
        """Return the typed rows that are not marked for deletion."""
        forms_ = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return [form.instance for form in forms_]


class VariantFormSet(DraftPartFormSet):
    """All arms together, under the checks of the builder."""

    def clean(self) -> None:
        """Refuse weights that do not sum, values that do not fit, and too few arms."""
        super().clean()
        if any(self.errors):
            return
        try:
            drafting.check_variants(self.instance, self.inputs())
        except Invalid as error:
            raise forms.ValidationError([text for texts in error.fields.values() for text in texts]) from error

    def inputs(self) -> list[drafting.VariantInput]:
        """Return the arms in the order of their positions."""
        arms = sorted(self.kept_rows(), key=lambda arm: arm.position)
        return [drafting.VariantInput(key=a.key, name=a.name, weight=a.weight, value=a.value) for a in arms]


class DraftPartInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that may change while the experiment is a draft."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Only to drafts."""
        return super().has_add_permission(request, obj) and _is_draft(obj)

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Only of drafts."""
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Only of drafts."""
        return super().has_delete_permission(request, obj) and _is_draft(obj)


class VariantInline(DraftPartInline):
    """The arms."""

    model = Variant
    formset = VariantFormSet
    formfield_overrides = STORABLE_JSON
    fields = ("position", "key", "name", "weight", "value")
    ordering = ("position",)


class GuardrailInline(DraftPartInline):
    """The guardrails."""

    model = Guardrail
    formset = DraftPartFormSet
    fields = ("metric", "margin")


class RunInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """The launches."""

    model = Run
    fields = readonly_fields = ("number", "snapshot_hash", "started_at", "stopped_at", "started_by")
    extra = 0
    ordering = ("-number",)


class ExperimentForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A draft's own fields, under the limits of the builder."""

    class Meta:
        model = Experiment
        fields = ("owner", *DESIGN)

    def clean(self) -> dict[str, Any]:
        """Refuse numbers out of their range."""
        clean = super().clean() or self.cleaned_data
        if set(PlanInput.__dataclass_fields__) <= set(self.fields):
            typed: dict[str, Any] = {name: clean.get(name) for name in PlanInput.__dataclass_fields__}
            for name, sentences in plan_problems(PlanInput(**typed)).items():
                self.add_error(name, sentences)
        return clean


@admin.register(Experiment)
class ExperimentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """An experiment; it is created, launched and stopped on its own pages."""

    form = ExperimentForm
    list_display = ("name", "key", "status", "feature", "team", "owner", "run_number", "updated_at")
    list_filter = ("status", "team", "feature")
    list_select_related = ("feature", "team", "owner")
    search_fields = ("key", "name", "who", "what")
    autocomplete_fields: ClassVar = ["oec"]
    inlines = (VariantInline, GuardrailInline, RunInline)
    actions = None
    _kept = ("key", "status", "team", "feature", "seed", "run_number", "created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        """Return the newest first."""
        return super().get_queryset(request).order_by("-updated_at")

    def get_fields(self, request: HttpRequest, obj: Experiment | None = None) -> tuple[str, ...]:
        """Return all fields, the design's and the kept ones."""
        return ("owner", *DESIGN, *self._kept)

    def get_readonly_fields(self, request: HttpRequest, obj: Experiment | None = None) -> tuple[str, ...]:
        """Return what cannot change: after a launch everything but the owner."""
        return self._kept if _is_draft(obj) else (*DESIGN, *self._kept)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The builder creates experiments."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Only a draft that never ran."""
        return super().has_delete_permission(request, obj) and _is_draft(obj) and not obj.runs.exists()  # type: ignore[union-attr]

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write what changed, unless the experiment was launched while the form was open."""
        if not form.changed_data:
            return
        with transaction.atomic():
            locked = Experiment.objects.select_for_update().get(pk=obj.pk)
            if set(form.changed_data) - {"owner"} and not _is_draft(locked):
                raise Conflict(_("The design is frozen since the launch."))
            before = {name: str(getattr(locked, name)) for name in form.changed_data}
            obj.save(update_fields=form.changed_data)
            audit.record(
                actor=person(request),
                action="experiment.administration",
                object_type="experiment",
                object_key=obj.key,
                team_id=obj.team_id,
                before=before,
                after={name: str(getattr(obj, name)) for name in form.changed_data},
            )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write arms and guardrails through the builder's operations."""
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        if not formset.has_changed() or not _is_draft(form.instance):
            return
        if isinstance(formset, VariantFormSet):
            drafting.set_variants(form.instance, formset.inputs(), actor=person(request))
        elif formset.model is Guardrail:
            margins = {row.metric_id: row.margin for row in formset.kept_rows()}
            drafting.set_guardrails(form.instance, margins, actor=person(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what goes with a draft; its arms and guardrails need no permission of their own."""
        shown, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Experiment) -> None:
        """Delete through the builder's operation."""
        deletion.delete(obj, actor=person(request))


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """All launches."""

    list_display = ("experiment", "number", "started_at", "stopped_at", "started_by", "snapshot_hash")
    list_select_related = ("experiment", "started_by")
    search_fields = ("experiment__key", "experiment__name", "snapshot_hash")
    ordering = ("-started_at",)


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    """All arms; a draft's are changed on the experiment."""

    list_display = ("name", "key", "experiment", "position", "weight")
    list_select_related = ("experiment",)
    search_fields = ("key", "name", "experiment__key")
    ordering = ("-pk",)


@admin.register(Guardrail)
class GuardrailAdmin(ReadOnlyAdmin):
    """All guardrails; a draft's are changed on the experiment."""

    list_display = ("metric", "experiment", "margin")
    list_select_related = ("experiment", "metric")
    search_fields = ("metric__key", "experiment__key")
    ordering = ("-pk",)
