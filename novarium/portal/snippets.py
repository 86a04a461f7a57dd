"""Code to paste that makes a product use a connection."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from novarium.portal.models import Connection

_FLAG = "checkout-button"
_CURL = """curl -X POST {base}ofrep/v1/evaluate/flags/{flag} \\
  -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
  -d '{{"context": {{"targetingKey": "user-1", "language": "ko"}}}}'"""
_OPENFEATURE = """from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

key = "{key}"
api.set_provider(OFREPProvider("{bare}", headers_factory=lambda: {{"Authorization": f"Bearer {{key}}"}}))
who = EvaluationContext(targeting_key="user-1", attributes={{"language": "ko"}})
value = api.get_client().get_object_value("{flag}", {{}}, who)"""
_GROWTHBOOK = """from growthbook import GrowthBook

gb = GrowthBook(api_host="{bare}", client_key="{key}", attributes={{"id": "user-1"}})
gb.load_features()  # reads {base}api/features/{key}
value = gb.get_feature_value("{flag}", {{}})"""
_EVENTS = """curl -X POST {base}api/v1/events \\
  -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
  -d '{{"events": [{{"event_id": "019ac3b1-5d20-7aaa-8d2e-0f2f6c3f5a01", "name": "page_view", "unit_id": "user-1", \
"properties": {{"page": "home"}}}}]}}'"""
_RESULTS = """from novarium.client import Client

client = Client("{bare}", token="{key}")
for experiment in client.experiments.list(status="running"):
    print(experiment.key, experiment.name)"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code with what it does."""

    title: str | Promise
    code: str


_BY_SCOPE: tuple[tuple[str, str | Promise, str], ...] = (
    ("evaluate", _("Evaluate a feature with curl (OFREP)"), _CURL),
    ("evaluate", _("Evaluate with the OpenFeature client for Python"), _OPENFEATURE),
    ("evaluate", _("Evaluate in the product with a GrowthBook SDK"), _GROWTHBOOK),
    ("ingest", _("Send an event"), _EVENTS),
    ("read", _("Read experiments with the client for Python"), _RESULTS),
)


def of(connection: Connection, *, key: str, base_url: str) -> list[Snippet]:
    """Return what fits the connection's scopes and kind; ``base_url`` ends with a slash."""
    values = {"base": base_url, "bare": base_url.rstrip("/"), "key": key, "flag": _FLAG}
    is_public = connection.kind == Connection.Kind.CLIENT  # a GrowthBook SDK shows its key to all, in the address
    return [
        Snippet(title, text.format(**values))
        for scope, title, text in _BY_SCOPE
        if scope in connection.scopes and (is_public or text is not _GROWTHBOOK)
    ]
