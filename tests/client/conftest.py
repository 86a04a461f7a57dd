"""A server over real HTTP, and clients of people with a token."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connections

from novarium.client import Client
from novarium.portal.tokens import create_token
from tests.analytics.conftest import started, winner  # noqa: F401 - a running experiment with visitors
from tests.experiments.events.sending import send_with


class Intake(BaseHTTPRequestHandler):
    """Hands what is sent to the intake, which the live server of the tests, being Django's, does not serve."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            answer = send_with(self.headers["Authorization"].removeprefix("Bearer "), body)
        finally:
            connections.close_all()
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("content-length", str(len(answer.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *args):
        pass


@pytest.fixture
def intake():
    """The address of a server that takes events."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Intake)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client_of(live_server):
    made = []

    def client(person, *scopes, url=live_server.url):
        wanted = scopes or ("read", "manage", "ingest", "evaluate")
        _token, secret = create_token(user=person, name="client", scopes=wanted, lifetime=timedelta(days=1))
        made.append(Client(url, token=secret, first_wait=0.01))
        return made[-1]

    yield client
    for one in made:
        one.close()
