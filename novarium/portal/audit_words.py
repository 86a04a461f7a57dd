"""The audit log in words: what actions, objects and fields are called, and where an object has its page.

The log itself keeps short keys, which never change; whoever adds an action adds its words here, and a test says so.
"""

from __future__ import annotations

from django.apps import apps
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "experiment.create": gettext_lazy("Draft created"),
    "experiment.hypothesis": gettext_lazy("Hypothesis changed"),
    "experiment.variants": gettext_lazy("Variants changed"),
    "experiment.guardrails": gettext_lazy("Guardrails changed"),
    "experiment.plan": gettext_lazy("Plan changed"),
    "experiment.traffic": gettext_lazy("Traffic changed"),
    "experiment.audience": gettext_lazy("Audience changed"),
    "experiment.seed": gettext_lazy("Another seed drawn"),
    "experiment.schedule": gettext_lazy("Schedule changed"),
    "experiment.review_request": gettext_lazy("Review asked for"),
    "experiment.review_withdraw": gettext_lazy("Review withdrawn"),
    "experiment.approve": gettext_lazy("Design approved"),
    "experiment.request_changes": gettext_lazy("Changes asked for"),
    "experiment.launch": gettext_lazy("Launched"),
    "experiment.ramp": gettext_lazy("Coverage raised"),
    "experiment.weights": gettext_lazy("Weights raised"),
    "experiment.pause": gettext_lazy("Paused"),
    "experiment.resume": gettext_lazy("Resumed"),
    "experiment.stop": gettext_lazy("Stopped"),
    "experiment.decide": gettext_lazy("Decided"),
    "experiment.reset": gettext_lazy("Reset for another run"),
    "experiment.delete": gettext_lazy("Draft deleted"),
    "experiment.administration": gettext_lazy("Changed in the administration"),
    "experiment.comment": gettext_lazy("Commented"),
    "experiment.comment_edit": gettext_lazy("Comment edited"),
    "experiment.comment_delete": gettext_lazy("Comment deleted"),
    "decision.adopt": gettext_lazy("Variant adopted"),
    "decision.reject": gettext_lazy("Change rejected"),
    "template.create": gettext_lazy("Design kept as a template"),
    "template.use": gettext_lazy("Draft made from a template"),
    "template.delete": gettext_lazy("Template deleted"),
    "layer.create": gettext_lazy("Layer created"),
    "layer.change": gettext_lazy("Layer changed"),
    "holdout.share": gettext_lazy("Holdout changed"),
    "feature.create": gettext_lazy("Feature created"),
    "feature.seed": gettext_lazy("Feature's first value set"),
    "feature.edit": gettext_lazy("Feature's value edited"),
    "feature.target": gettext_lazy("Feature's targeted values changed"),
    "feature.enable": gettext_lazy("Feature switched on"),
    "feature.disable": gettext_lazy("Feature switched off"),
    "feature.adoption": gettext_lazy("Variant made the feature's value"),
    "feature.rollback": gettext_lazy("Feature's earlier value brought back"),
    "metric.create": gettext_lazy("Metric created"),
    "metric.change": gettext_lazy("Metric changed"),
    "metric.delete": gettext_lazy("Metric deleted"),
    "event_type.create": gettext_lazy("Event declared"),
    "event_type.version": gettext_lazy("Event's properties changed"),
    "rejected_event.replay": gettext_lazy("Rejected event replayed"),
    "rejected_event.replay_all": gettext_lazy("Rejected events of a reason replayed"),
    "archive.reword": gettext_lazy("Learning note reworded"),
    "marts.build": gettext_lazy("Marts built"),
    "quality.rerun": gettext_lazy("Data quality check run again"),
    "quality.accept": gettext_lazy("Failing data quality check accepted"),
    "marts.resume": gettext_lazy("Build of marts continued"),
    "dataset.create": gettext_lazy("Dataset made"),
    "dataset.import": gettext_lazy("Import begun"),
    "dataset.empty": gettext_lazy("Dataset emptied"),
    "dataset.delete": gettext_lazy("Dataset deleted"),
    "crm_rule.create": gettext_lazy("CRM rule made"),
    "crm_rule.change": gettext_lazy("CRM rule changed"),
    "swarm.request": gettext_lazy("Swarm sent"),
    "swarm.cancel": gettext_lazy("Swarm called back"),
    "traffic.change": gettext_lazy("Background traffic changed"),
    "token.create": gettext_lazy("Token made"),
    "token.revoke": gettext_lazy("Token revoked"),
    "connection.create": gettext_lazy("Connection made"),
    "connection.change": gettext_lazy("Connection changed"),
    "connection.roll": gettext_lazy("Connection's key replaced"),
    "connection.revoke": gettext_lazy("Connection revoked"),
    "account.password": gettext_lazy("Password changed"),
    "account.profile": gettext_lazy("Profile changed"),
    "account.mail": gettext_lazy("E-mail choice changed"),
    "periodictask.run": gettext_lazy("Scheduled work run by hand"),
    "delivery.retry": gettext_lazy("Failed messages sent again"),
}

_OBJECTS: dict[str, str | Promise] = {
    "experiment": gettext_lazy("Experiment"),
    "feature": gettext_lazy("Feature"),
    "metric": gettext_lazy("Metric"),
    "template": gettext_lazy("Template"),
    "layer": gettext_lazy("Layer"),
    "holdout": gettext_lazy("Global holdout"),
    "event_type": gettext_lazy("Event"),
    "rejected_event": gettext_lazy("Rejected event"),
    "archive": gettext_lazy("Archive"),
    "marts": gettext_lazy("Marts"),
    "dataset": gettext_lazy("Dataset"),
    "check": gettext_lazy("Data quality check"),
    "swarm_run": gettext_lazy("Swarm"),
    "traffic": gettext_lazy("Background traffic"),
    "token": gettext_lazy("Token"),
    "connection": gettext_lazy("Connection"),
    "delivery": gettext_lazy("Delivery"),
    "periodictask": gettext_lazy("Scheduled work"),
    "user": gettext_lazy("User"),
    "team": gettext_lazy("Team"),
}

# Fields of entries that are no column of the object, or whose column says less.
_FIELDS: dict[str, str | Promise] = {
    "run": gettext_lazy("run"),
    "hash": gettext_lazy("hash of the snapshot"),
    "phase": gettext_lazy("phase"),
    "weight": gettext_lazy("weight"),
    "weights": gettext_lazy("weights"),
    "value": gettext_lazy("value"),
    "name": gettext_lazy("name"),
    "revision": gettext_lazy("revision"),
    "parameters": gettext_lazy("parameters"),
    "variant": gettext_lazy("variant"),
    "objections": gettext_lazy("objections"),
    "override": gettext_lazy("reason against the objections"),
    "comment": gettext_lazy("comment"),
    "text": gettext_lazy("text"),
    "note": gettext_lazy("note"),
    "verdict": gettext_lazy("verdict"),
    "design": gettext_lazy("hash of the design"),
    "scopes": gettext_lazy("scopes"),
    "days": gettext_lazy("days"),
    "kinds": gettext_lazy("kinds"),
    "visitors": gettext_lazy("visitors"),
    "visits": gettext_lazy("visits"),
    "swarm_run": gettext_lazy("swarm"),
    "traffic": gettext_lazy("traffic"),
    "mix": gettext_lazy("mix"),
    "description": gettext_lazy("description"),
    "content": gettext_lazy("content"),
    "plan": gettext_lazy("plan"),
    "guardrails": gettext_lazy("guardrails"),
    "variants": gettext_lazy("variants"),
    "feature": gettext_lazy("feature"),
    "experiment": gettext_lazy("experiment"),
    "place": gettext_lazy("folder or file"),
}

_PAGES = {
    "experiment": "experiments:design",
    "feature": "features:detail",
    "metric": "metrics:detail",
    "event_type": "events:detail",
    "team": "portal:team",
    "dataset": "data:dataset",
}
_VERBS: dict[str, str | Promise] = {
    "add": gettext_lazy("%(object)s added"),
    "change": gettext_lazy("%(object)s changed"),
    "delete": gettext_lazy("%(object)s deleted"),
}


def action_label(action: str) -> str:
    """Return an action in the reader's words; what the Django admin records is named after its table."""
    if action in ACTIONS:
        return str(ACTIONS[action])
    name, _dot, verb = action.rpartition(".")
    if verb in _VERBS and name:
        return str(_VERBS[verb]) % {"object": object_label(name)}
    return action


def object_label(object_type: str) -> str:
    """Return what kind of object it is, in the reader's words."""
    if object_type in _OBJECTS:
        return str(_OBJECTS[object_type])
    model = _model(object_type)
    return str(model._meta.verbose_name).capitalize() if model else object_type


def object_url(action: str, object_type: str, object_key: str) -> str:
    """Return the address of the object's page; empty where it has none, or was just deleted."""
    if object_type not in _PAGES or action == f"{object_type}.delete":
        return ""
    try:
        return reverse(_PAGES[object_type], args=[object_key])
    except NoReverseMatch:  # what the admin records is the object's name, not its key
        return ""


def field_label(object_type: str, path: tuple[str, ...]) -> str:
    """Return a field's name as people read it: a column's, or the name itself."""
    if not path:
        return _("value")
    model = _model(object_type)
    columns = {column.name: column.verbose_name for column in model._meta.concrete_fields} if model else {}
    first = columns.get(path[0]) or _FIELDS.get(path[0], path[0])
    return " › ".join([str(first), *(str(_FIELDS.get(part, part)) for part in path[1:])])


def action_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all actions for a choice, under the kind of thing they are done to."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for action, label in ACTIONS.items():
        groups.setdefault(action.partition(".")[0], []).append((action, str(label)))
    return [(object_label(name), actions) for name, actions in groups.items()]


def _model(object_type: str) -> type[Model] | None:
    return next((model for model in apps.get_models() if model._meta.model_name == object_type), None)
