"""How the tests call the API: as a program with a token."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.test import Client

from novarium.portal.models import ApiToken
from tests.experiments.events.sending import send_with

V1 = "/api/v1/"


class Caller:
    """A program with a token."""

    def __init__(self, user, *scopes):
        _token, secret = ApiToken.objects.create(user=user, name="test", scopes=list(scopes))
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    @classmethod
    def with_secret(cls, secret):
        """Return a program with the key of a connection."""
        caller = cls.__new__(cls)
        caller.client = Client(headers={"authorization": f"Bearer {secret}"})
        return caller

    def get(self, path):
        return self.client.get(V1 + path)

    def post(self, path, body=None):
        text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        return self.client.post(V1 + path, text, content_type="application/json")


class Sender:
    """A program with a token that sends events: the intake stands beside Django's request cycle."""

    def __init__(self, user, *scopes):
        _token, self.secret = ApiToken.objects.create(user=user, name="test", scopes=list(scopes))

    def post(self, body):
        answer = send_with(self.secret, body.encode() if isinstance(body, str) else body)
        response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
        response.json = lambda: json.loads(answer.body)
        return response


def is_problem(response, status):
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    return response.json()


def etag_of(caller, path):
    answer = caller.get(path)
    return answer, answer["ETag"]


def patch(caller, path, body, **headers):
    return caller.client.patch(V1 + path, json.dumps(body), content_type="application/json", headers=headers)
