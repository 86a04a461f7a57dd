"""Whatever is sent to whatever address: never a server error, and what is refused changes nothing.

The forms are found as a browser finds them, on the pages themselves, so a new form is tested as soon as it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser, LexborNode

from analytics import decisions
from analytics.decisions import Reasons
from experiments.designs import authoring
from experiments.public import new_event_id
from experiments.running import lifecycle
from novarium.portal import connections
from novarium.portal.connections import Settings
from novarium.portal.models import ApiToken, Notification
from simulation.personas import DEFAULT_MIX
from simulation.swarm import runs, traffic
from simulation.swarm.runs import Target
from storefront.catalogue import loading
from storefront.catalogue.seed import install
from tests.experiments.events.sending import send
from tests.portal.addresses import SAMPLES, Address, all_addresses

pytestmark = pytest.mark.django_db

ADDRESSES = all_addresses()
FORM = "application/x-www-form-urlencoded"
SURROGATE = "\ud800"
NASTY = (
    "",
    "\0",
    f"a{SURROGATE}b",
    "9" * 5000,
    "99999999999999999999",
    "-1",
    "1e308",
    "NaN",
    "Infinity",
    "\N{SUPERSCRIPT TWO}",
    "9999-12-31",
    "0001-01-01",
    "x" * 20_000,
    "\ue000token\ue001<script>alert(1)</script>",
)
FEW = 3  # values for each field in the quick run: the fields take turns, so that all values are tried
HUGE = 2 * 1024 * 1024
BOUNDARY = "multipart/form-data; boundary=xx"
BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", FORM),
    "oversize": (b"name=" + b"x" * HUGE, FORM),
    "oversize file": (
        b'--xx\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * HUGE + b"\r\n--xx--\r\n",
        BOUNDARY,
    ),
    "broken parts": (b"--xx\r\nContent-Disposition: form-da", BOUNDARY),
    "parts without boundary": (b"name=x", "multipart/form-data"),
    "no UTF-8": (b"name=\xff\xfe%FF&note=%00%ED%A0%80", FORM),
    "many fields": (b"&".join(b"f%d=1" % number for number in range(600)), FORM),
    "unknown field": (b"no_such_field=1", FORM),
    "JSON": (b'{"name": "x"}', "application/json"),
    "no type": (b"name=x", ""),
}
JSON_BODIES: dict[str, bytes] = {
    "empty": b"",
    "oversize": json.dumps({"name": "x" * HUGE}).encode(),
    "no object": b"[1, 2]",
    "null": b"null",
    "deep": b"[" * 5000 + b"]" * 5000,
    "deep, just readable": b'{"events": ' + b"[" * 900 + b"]" * 900 + b"}",
    "no UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "NaN": b'{"mde": NaN}',
    "huge integer": b'{"mde": ' + b"9" * 5000 + b"}",
    "unknown field": b'{"no_such_field": 1}',
    "unknown field with a lone surrogate": b'{"\\ud800": "\\ud800"}',
    "unknown field with NUL": b'{"\\u0000": "\\u0000"}',
    "form": b"name=x",
}
JSON_NASTY: tuple[Any, ...] = (
    None,
    True,
    [],
    {},
    [[]],
    {"a": {}},
    -1,
    10**400,
    1e308,
    *NASTY,
    {"\0": 0.1},
    {SURROGATE: 0.1},
    {"aov": 1e308},
    [{"key": "a"}] * 600,
)
JSON = "application/json"
QUERIES = (
    "page",
    "run",
    "seen",
    "cursor",
    "next",
    "key",
    "feature",
    "added",
    "from",
    "preview",
    "category",
    "sort",
    "all",
)
ARM = {"key": "green", "name": "Green", "weight": 50, "value": {"text": "Order now", "color": "green"}}
NEW_EXPERIMENT: dict[str, Any] = {
    "key": "from-a-program",
    "name": "From a program",
    "feature": "checkout-button",
    "who": "Everybody",
    "what": "Green",
    "why": "It is calm",
    "expected_impact": "Some",
    "oec": "cvr",
    "guardrails": {"aov": 0.05},
    "variants": [{**ARM, "key": "control", "value": {"text": "Order now", "color": "blue"}}, ARM],
    "baseline": 0.2,
    "baseline_deviation": None,
    "daily_units": 500,
    "mde": 0.05,
    "alpha": 0.05,
    "power": 0.8,
    "coverage": 1,
    "planned_units": 4000,
    "planned_days": 7,
}
KEPT_TABLES = (
    "portal.portal_connection",
    *("portal.portal_auditentry", "portal.portal_apitoken", "portal.portal_membership", "portal.portal_team"),
    *("experiment.experiments_experiment", "experiment.experiments_variant", "experiment.experiments_guardrail"),
    *("experiment.experiments_run", "experiment.experiments_metric", "experiment.experiments_feature"),
    *("experiment.experiments_featurerevision", "experiment.analytics_decision", "experiment.analytics_adoption"),
    *("warehouse.analytics_archiveentry", "warehouse.analytics_learningnote", "warehouse.analytics_martrun"),
    *("warehouse.simulation_swarmrun", "warehouse.simulation_trafficsetting", "warehouse.storefront_order"),
)


KEYED = ("experiments", "results", "simulator")


@dataclass
class World:
    """A lead's browser, and objects in every state."""

    client: Client
    keys: tuple[str, ...]
    samples: dict[str, Any]
    before: list[tuple[Any, ...]]
    faults: list[str] = field(default_factory=list)

    def urls(self, address: Address) -> list[str]:
        """Return the address for an experiment in each state, or the one address that it has."""
        states = self.keys if address.namespace in KEYED and "key" in address.parameters else ("",)
        return [self._url(address, {f"{address.namespace}:key": key} if key else {}) for key in states]

    def _url(self, address: Address, more: Mapping[str, Any]) -> str:
        samples = {**SAMPLES, **self.samples, **more}
        values = {name: samples.get(f"{address.namespace}:{name}", samples.get(name)) for name in address.parameters}
        return reverse(address.name, kwargs=values)

    def send(self, method: str, url: str, *body: Any, **more: Any) -> HttpResponse:
        """Return the answer, all that it changed undone; a refusal must have changed nothing."""
        with transaction.atomic():
            response = getattr(self.client, method)(url, *body, **more)
            refused = response.status_code >= 400
            changed = refused and state() != self.before
            transaction.set_rollback(True)
        if changed or response.status_code >= 500:
            did = "changed something" if changed else "broke"
            self.faults.append(f"{response.status_code}: {method} {url[:200]} {str(body)[:300]} {did}")
        return response

    def send_form(self, url: str, fields: Mapping[str, str]) -> HttpResponse:
        text = "&".join(f"{quote_plus(name)}={quote_plus(v, errors='surrogatepass')}" for name, v in fields.items())
        return self.send("post", url, text.encode(), content_type=FORM)


def state() -> list[tuple[Any, ...]]:
    """Return a digest of every table that a refusal must leave alone."""
    digests = " union all ".join(
        f"select '{table}', md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {table} as t"  # noqa: S608 - names from this file
        for table in KEPT_TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(digests)
        return cursor.fetchall()


@pytest.fixture
def world(settings, draft, lead, analyst):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    install()
    loading.forget()
    untouched, stopped, decided = (authoring.clone(draft, team=draft.team, owner=analyst) for _copy in range(3))
    for experiment in (stopped, decided):
        lifecycle.launch(experiment, actor=analyst)
        lifecycle.stop(experiment, actor=analyst)
    reasons = Reasons(note="Nobody came.", learning="Open the shop first.")
    entry = decisions.reject(decided.key, run_number=1, reasons=reasons, actor=lead)
    lifecycle.launch(draft, actor=analyst)
    target = Target(draft.key, 1, draft.team_id)
    sent = runs.request(visitors=1, seed=1, mix=DEFAULT_MIX, actor=lead, target=target)
    connection, _key = connections.create(
        team=draft.team, kind="client", scopes=["ingest"], settings=Settings(name="Shop"), actor=lead
    )
    token, _secret = ApiToken.objects.create(user=lead, name="t", scopes=["read"])
    traffic.setting()  # made when first looked at
    told = Notification.objects.create(user=lead, text="Look", url="/archive/")
    client = Client(raise_request_exception=False)
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    samples = {
        "archive:entry_id": entry.pk,
        "api:entry_id": entry.pk,
        "simulator:run": sent.pk,
        "portal:token_key": token.token_key,
        "portal:notification": told.pk,
        "portal:connection": connection.pk,
        "api:connection": connection.pk,
        "shop:slug": "hangang-kitchen",
        "index": 0,
    }
    return World(client, (draft.key, untouched.key, stopped.key, decided.key), samples, state())


def escaped(body: object) -> bytes:
    """Return the body as JSON; what JSON cannot hold is written as Python would."""
    return json.dumps(body).encode()


def event() -> dict[str, Any]:
    now = timezone.now()
    about = {"order": "N-1"}
    return {
        "event_id": str(new_event_id(now)),
        "name": "purchase",
        "unit_id": "u1",
        "occurred_at": now.isoformat(),
        "amount": 12000,
        "properties": about,
    }


def is_fine(name: str, value: object) -> bool:
    """Whether a strange value is one that the field may have after all."""
    units = name == "unit_id" and isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable()
    return units or (name == "occurred_at" and value is None)  # the id carries the time


def is_api(address: Address) -> bool:
    return hasattr(address.view, "cls")


PAGES = [address for address in ADDRESSES if not is_api(address)]
CALLS = [address for address in ADDRESSES if is_api(address) and "POST" in address.view.cls.actions_by_method]


def forms_of(page: HttpResponse) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield method, address and filled fields of each form, also of the fragments that a form's parts ask for."""
    if not page.headers.get("Content-Type", "").startswith("text/html"):
        return
    for form in LexborHTMLParser(page.content.decode()).css("form"):
        fields = _fields(form)
        url = form.attributes.get("action") or page.request["PATH_INFO"]
        yield (form.attributes.get("method") or "get").lower(), url, fields
        for part in form.css("[hx-post], [formaction]"):
            yield "post", part.attributes.get("hx-post") or part.attributes.get("formaction") or "", fields


def _fields(form: LexborNode) -> dict[str, str]:
    fields: dict[str, str] = {}
    for node in form.css("input[name], textarea[name], select[name]"):
        name, kind = node.attributes["name"] or "", node.attributes.get("type") or ""
        if name == "csrfmiddlewaretoken" or (kind in {"radio", "checkbox"} and "checked" not in node.attributes):
            continue
        fields[name] = _value(node)
    return fields


def _value(node: LexborNode) -> str:
    if node.tag == "textarea":
        return node.text()
    if node.tag == "select":
        node = node.css_first("option[selected]") or node.css_first("option") or node
    return node.attributes.get("value") or ""


def found_forms(world: World, method: str) -> dict[str, dict[str, str]]:
    """Return the fields that the site's pages send to each address by this method."""
    found: dict[str, dict[str, str]] = {}
    for address in PAGES:
        for url in world.urls(address):
            for used, target, fields in forms_of(world.client.get(url)):
                if used == method:
                    found.setdefault(target.partition("?")[0], {}).update(fields)
    return found


def test_no_body_breaks_a_page(world):
    for address in PAGES:
        for url in world.urls(address):
            for body, content_type in BODIES.values():
                if world.send("post", url, body, content_type=content_type).status_code == 405:
                    break
    assert not world.faults, "\n".join(world.faults)


@pytest.mark.parametrize("values", [FEW, pytest.param(len(NASTY), marks=pytest.mark.slow)])
def test_no_value_of_a_field_breaks_a_form(world, values):
    forms = found_forms(world, "post")
    assert len(forms) > 20, "the pages lead to their forms"
    turn = cycle(NASTY)
    for url, fields in forms.items():
        for name in fields:
            for value in islice(turn, values):
                world.send_form(url, {**fields, name: value})
    assert not world.faults, "\n".join(world.faults)


def test_no_query_breaks_a_page(world):
    forms = found_forms(world, "get")
    assert len(forms) > 3, "the lists have filters"
    for url, fields in forms.items():
        for name in fields:
            for value in NASTY:
                world.send("get", f"{url}?{name}={quote_plus(value[:3000], errors='surrogatepass')}")
    turn = cycle(NASTY)
    for address in ADDRESSES:
        for url in world.urls(address):
            for value in islice(turn, FEW):
                text = quote_plus(value[:3000], errors="surrogatepass")
                world.send("get", f"{url}?{'&'.join(f'{name}={text}' for name in QUERIES)}")
    assert not world.faults, "\n".join(world.faults)


def test_no_number_in_a_path_breaks_a_page(world):
    for address in ADDRESSES:
        for number in ("0", "99999999999999999999999"):
            numbered = {
                n: number
                for n in (f"{address.namespace}:{p}" for p in address.parameters)
                if "key" not in n and "rejected" not in n
            }
            for method in ("get", "post"):
                world.send(method, world._url(address, numbered))
    assert not world.faults, "\n".join(world.faults)


def test_no_body_breaks_the_api(world):
    for address in CALLS:
        for url in world.urls(address):
            for body in JSON_BODIES.values():
                world.send("post", url, body, content_type="application/json")
            for body, content_type in BODIES.values():
                world.send("post", url, body, content_type=content_type)
    assert not world.faults, "\n".join(world.faults)


@pytest.mark.parametrize("name", list(NEW_EXPERIMENT))
def test_no_value_breaks_a_new_experiment(world, name):
    for value in JSON_NASTY:
        world.send("post", reverse("api:experiments"), escaped({**NEW_EXPERIMENT, name: value}), content_type=JSON)
    assert not world.faults, "\n".join(world.faults)


@pytest.mark.parametrize("name", ["key", "name", "weight", "value"])
def test_no_value_breaks_a_variant(world, name):
    for value in JSON_NASTY:
        arms = [{**ARM, "key": "control"}, {**ARM, name: value}]
        world.send("post", reverse("api:experiments"), escaped({**NEW_EXPERIMENT, "variants": arms}), content_type=JSON)
    assert not world.faults, "\n".join(world.faults)


@pytest.mark.parametrize("name", ["event_id", "name", "unit_id", "occurred_at", "amount", "properties"])
def test_no_value_breaks_an_event(world, name):
    times = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00+99:99")
    amounts = ("1E-1000000", "1e-400", "0.001", "1E+1000000", "-0", "sNaN", [1], 1e-320)
    ids = ("ffffffff-ffff-7fff-bfff-ffffffffffff", "00000000-0000-7000-8000-000000000000", "urn:uuid:" + "0" * 32)
    for value in (*JSON_NASTY, *times, *amounts, *ids):
        changed = {**event(), name: value}
        if name == "event_id":
            del changed["occurred_at"]
        with transaction.atomic():
            answer = send(escaped({"events": [changed]}))
            transaction.set_rollback(True)
        assert answer.status in {200, 400}
        assert json.loads(answer.body).get("stored", 0) == 0 or is_fine(name, value), (name, str(value)[:100])


def test_no_body_breaks_the_intake(catalogue):
    for name, body in JSON_BODIES.items():
        answer = send(body)
        assert answer.status < 500, name
        assert json.loads(answer.body).get("stored", 0) == 0, name


def test_no_cookie_breaks_a_page(world):
    for name in ("sessionid", "csrftoken", "messages", "language", "visitor", "cart"):
        for value in (
            '"\\000\\000\\000\\000\\000\\000\\000\\000\\000"',
            "\u00e9" * 40,
            "x" * 4000,
            '"',
            "a:b:c",
            ".eJx:a:b",
        ):
            client = Client(raise_request_exception=False)
            for url in ("/", "/login/", "/shop/", "/shop/cart/", "/api/v1/metrics/"):
                assert client.get(url, HTTP_COOKIE=f"{name}={value}").status_code < 500, (url, name, value)
    assert not world.faults, "\n".join(world.faults)


def test_no_authorization_header_breaks_the_api(db):
    for header in ("Bearer", "Bearer ", "Bearer a b", "Bearer \xe9", "Bearer " + "x" * 9000, "Bearer \0", "Basic x"):
        client = Client(raise_request_exception=False, headers={"authorization": header})
        assert client.get("/api/v1/metrics/").status_code == 401, header
