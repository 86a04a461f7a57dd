"""Requests made from the OpenAPI document, right and wrong ones: the API never breaks."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error

from novarium.portal.models import ApiToken
from novarium.wsgi import application

schema = schemathesis.pytest.from_fixture("api_schema")


@pytest.fixture
def authorization(running, lead):
    _token, secret = ApiToken.objects.create(user=lead, name="t", scopes=list(ApiToken.Scope.values))
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def api_schema(authorization, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"user": None}}
    return schemathesis.openapi.from_wsgi("/api/schema/", application, headers=authorization)


@pytest.mark.slow
@schema.parametrize()
@hypothesis.settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_no_request_breaks_the_api(case, authorization):
    case.call_and_validate(headers=authorization, checks=[not_a_server_error])
