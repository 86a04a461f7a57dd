"""Browsers of the people in tests/conftest.py, and a compiled catalogue."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real


@pytest.fixture(scope="session")
def _compiled_catalogue():
    call_command("messages", compile=True, verbosity=0)
    trans_real._translations.clear()


@pytest.fixture(autouse=True)
def _quick_hasher(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def korean(_compiled_catalogue):
    with translation.override("ko"):
        yield


@pytest.fixture
def browse():
    """Return a function that logs a person in and gives their browser."""

    def logged_in(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return logged_in
