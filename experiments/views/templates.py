"""Templates of designs: list, keep, begin from one, delete."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_experiment, get_template
from experiments.designs import design_templates
from experiments.forms.fields import refuse
from experiments.forms.templates import KeepForm, StartForm
from experiments.models import DesignTemplate, Experiment, Layer, Metric
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action

PAGE_SIZE = 50


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the templates of all teams."""
    templates = DesignTemplate.objects.select_related("team", "created_by")
    page = Paginator(templates, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(item, can(request.user, Action.DESIGN, item.team_id)) for item in page.object_list]
    return render(request, "experiments/templates/list.html", {"page": page, "rows": rows})


@require_safe
@allow(Action.DESIGN)
def new(request: HttpRequest, key: str) -> HttpResponse:
    """Ask under which name the design is kept."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    return _keep_page(request, experiment, KeepForm(initial={"name": experiment.name[:80]}))


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the design as a template."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = KeepForm(request.POST)
    if form.is_valid():
        try:
            kept = design_templates.keep(experiment, actor=person(request), **form.cleaned_data)
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("“%(name)s” is a template now.") % {"name": kept.name})
            return redirect("experiments:templates")
    return _keep_page(request, experiment, form, status=422)


@require_safe
@allow(Action.READ)
def show(request: HttpRequest, template: int) -> HttpResponse:
    """Show what a template holds and offer to begin from it."""
    found = get_template(person(request), template)
    return _start_page(request, found, StartForm(template=found))


@require_POST
@allow(Action.DESIGN)
def start(request: HttpRequest, template: int) -> HttpResponse:
    """Make a draft from the template and go on with its first step."""
    found = get_template(person(request), template, Action.DESIGN)
    form = StartForm(request.POST, template=found)
    if not form.is_valid():
        return _start_page(request, found, form, status=422)
    started = design_templates.start(found, owner=person(request), **form.cleaned_data)
    if started.missing:
        sentence = _("Not there any more, so left out: %(keys)s.") % {"keys": ", ".join(started.missing)}
        messages.warning(request, sentence)
    return redirect("experiments:hypothesis", started.experiment.key)


@require_POST
@allow(Action.DESIGN)
def delete(request: HttpRequest, template: int) -> HttpResponse:
    """Delete a template."""
    found = get_template(person(request), template, Action.DESIGN)
    design_templates.delete(found, actor=person(request))
    messages.success(request, _("The template “%(name)s” is deleted.") % {"name": found.name})
    return redirect("experiments:templates")


def _keep_page(request: HttpRequest, experiment: Experiment, form: KeepForm, *, status: int = 200) -> HttpResponse:
    return render(request, "experiments/templates/keep.html", {"experiment": experiment, "form": form}, status=status)


def _start_page(request: HttpRequest, template: DesignTemplate, form: StartForm, *, status: int = 200) -> HttpResponse:
    kept = template.content
    names = dict(Metric.objects.filter(key__in=[kept["oec"], *kept["guardrails"]]).values_list("key", "name"))
    context = {
        "template": template,
        "kept": kept,
        "oec": _named(names, kept["oec"]),
        "guardrails": [(_named(names, key), margin) for key, margin in kept["guardrails"].items()],
        "layer": Layer.objects.filter(key=kept["traffic"]["layer"]).first(),
        "form": form,
        "may_design": can(request.user, Action.DESIGN, template.team_id),
    }
    return render(request, "experiments/templates/start.html", context, status=status)


def _named(names: dict[str, str], key: str | None) -> str:
    """Return a metric's name in the reader's language; the key where the metric is gone."""
    return _(names[key]) if key in names else key or ""
