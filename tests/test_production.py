"""How NovaRium answers under production settings, behind a proxy that ends HTTPS."""

import os
import secrets
import subprocess
import sys

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread

from novarium.local.state import REPOSITORY
from simulation.personas import DEFAULT_MIX
from simulation.swarm import runs, work

PROXIED = {"X-Forwarded-Proto": "https"}


@pytest.fixture
def production(settings):
    """The settings that HTTPS and TRUST_PROXY_HEADERS turn on."""
    settings.HTTPS = True
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    return settings


def test_deployment_check_is_clean():
    env = dict(os.environ, NOVARIUM_ENV="production", SECRET_KEY=secrets.token_urlsafe(64), ALLOWED_HOSTS="example.com")
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"]
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_plain_requests_are_sent_to_https_and_health_checks_are_not(production, db):
    client = Client()
    for url in ("/", "/shop/", "/login/", "/api/v1/metrics/"):
        answer = client.get(url)
        assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{url}")
    for url in ("/healthz", "/readyz"):
        assert client.get(url).status_code == 200


def test_requests_through_the_proxy_are_served_with_secure_cookies(production, catalogue):
    answer = Client(headers=PROXIED).get("/shop/")
    assert answer.status_code == 200
    assert "max-age=3600" in answer["Strict-Transport-Security"]
    assert all(morsel["secure"] and morsel["httponly"] for morsel in answer.cookies.values())
    assert {"visitor", "csrftoken"} <= set(answer.cookies)


@pytest.fixture
def shop_of_production(production, transactional_db, catalogue):
    """The shop over plain HTTP inside, as ``http://web:8000`` in docker-compose.yml."""
    call_command("seed_shop", verbosity=0)
    server = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    production.SHOP_BASE_URL = f"http://{server.host}:{server.port}"
    yield production.SHOP_BASE_URL
    server.terminate()
    connections.close_all()


def test_the_swarm_shops_behind_the_proxys_back(shop_of_production):
    run = runs.request(visitors=40, seed=5, mix=DEFAULT_MIX, actor=None)
    for batch_id in runs.batches_of(run.pk):
        work.run_batch(batch_id)
    run.refresh_from_db()
    assert (run.status, run.visits, run.errors) == ("finished", 40, 0)
    assert run.orders > 0


@pytest.mark.parametrize(
    ("proxies", "forwarded", "locked"),
    [
        (0, "198.51.100.{n}", True),  # nobody is trusted, so a made-up address changes nothing
        (1, "198.51.100.{n}, 203.0.113.9", True),  # the proxy's word counts, what the client wrote before it does not
        (1, "198.51.100.{n}", False),  # other people come from other addresses
        (1, "nonsense {n}", True),
    ],
)
def test_login_is_throttled_by_name_and_address(settings, lead, proxies, forwarded, locked):
    settings.PROXY_COUNT = proxies
    client = Client()
    for number in range(5):
        header = {"X-Forwarded-For": forwarded.format(n=number)}
        client.post("/login/", {"username": "lead", "password": "wrong"}, headers=header)
    header = {"X-Forwarded-For": forwarded.format(n=77)}
    answer = client.post("/login/", {"username": "lead", "password": "correct horse battery"}, headers=header)
    assert (answer.status_code == 429) is locked
    assert ("_auth_user_id" in client.session) is not locked
