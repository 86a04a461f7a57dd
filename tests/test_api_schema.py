"""Requests made from the OpenAPI document, right and wrong ones: the API never breaks."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from novarium.portal.models import ApiToken
from novarium.wsgi import application


@pytest.fixture
def authorization(running, lead):
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


@pytest.mark.slow
def test_no_request_breaks_the_api(api_schema, authorization):
    operations = [found.ok() for found in api_schema.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:

        @hypothesis.settings(max_examples=60, deadline=None, derandomize=True, database=None)
        @hypothesis.given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            answer = case.call(headers=authorization)
            assert answer.status_code not in {401, 403, 429}
            assert answer.status_code < 500, case.as_curl_command()

        cache.clear()  # the throttle counts each operation anew
        check()
