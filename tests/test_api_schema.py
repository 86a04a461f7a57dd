"""Requests made from the OpenAPI document, right and wrong ones: nothing breaks, and every answer is as described."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from novarium.portal.models import ApiToken
from novarium.wsgi import application
from tests.analytics.conftest import started, winner  # noqa: F401 - a running experiment with visitors

CONFORM = ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
# The lean paths beside Django are called over real HTTP by the tests of serving.
BESIDE_DJANGO = ("/ofrep/", "/api/features/", "/api/v1/events")


@pytest.fixture
def authorization(winner, lead):  # noqa: F811 - the fixture of that name
    _token, secret = ApiToken.objects.create(user=lead, name="t", scopes=list(ApiToken.Scope.values))
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def _test_connection():
    """Keep the test's connection open at the end of a request, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api_schema(_test_connection, authorization):
    return schemathesis.openapi.from_wsgi("/api/schema/", application, headers=authorization)


@pytest.mark.parametrize("examples", [4, pytest.param(10, marks=pytest.mark.slow)])
def test_no_request_breaks_the_api_and_answers_are_as_described(api_schema, authorization, examples):
    checks = [CHECKS.get_one(name) for name in CONFORM]
    operations = [found.ok() for found in api_schema.get_all_operations()]
    operations = [found for found in operations if not found.path.startswith(BESIDE_DJANGO)]
    assert len(operations) > 25
    faults = []
    for operation in operations:

        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            with transaction.atomic():
                answer = case.call(headers=authorization)
                transaction.set_rollback(True)
            assert answer.status_code not in {401, 429}, case.as_curl_command()
            assert answer.status_code < 500, case.as_curl_command()
            case.validate_response(answer, checks=checks)

        cache.clear()  # the throttle counts each operation anew
        try:
            check()
        except (AssertionError, FailureGroup) as fault:
            told = [str(part) for part in getattr(fault, "exceptions", [fault])]
            faults.append(f"{operation.method} {operation.path}: {told}")
    assert not faults, "\n\n".join(faults)
