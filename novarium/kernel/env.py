"""Typed readers of environment variables that refuse a bad value at start."""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the default; a variable without a default must be set."""
    value = os.environ.get(name, default)
    if value is None or value == "":
        if default is not None:
            return default
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable: 1, true, yes, on or 0, false, no, off."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def integer(name: str, default: int, *, low: int, high: int) -> int:
    """Return a whole number between low and high, both included."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.lstrip("-").isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def choice(name: str, default: str, allowed: set[str]) -> str:
    """Return one of the allowed words."""
    value = os.environ.get(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(allowed))}, not {value!r}.")
    return value


def matching(name: str, default: str, pattern: str, *, example: str) -> str:
    """Return a text that matches a pattern as a whole."""
    value = os.environ.get(name, "").strip() or default
    if not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} must look like {example}, not {value!r}.")
    return value


def words(name: str, default: str) -> list[str]:
    """Return a comma-separated list without blanks."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """Return values by name, written ``name=value,other=value``; a refusal never quotes a value."""
    found: dict[str, str] = {}
    for word in words(name, ""):
        key, equals, value = word.partition("=")
        if not key.strip() or not equals:
            raise ImproperlyConfigured(f"{name} must look like name=value, several joined by commas.")
        found[key.strip()] = value.strip()
    return found


def valkey(name: str) -> str:
    """Return a ``redis://`` address; tests that run side by side get a logical database each."""
    url = text(name)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    return urlunsplit(urlsplit(url)._replace(path=f"/{int(worker) + 1}")) if worker else url


def postgres(url: str, *, role: str | None = None, password: str | None = None) -> dict[str, object]:
    """Return Django's connection settings for a ``postgresql://`` address, optionally as another role."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:port/database.")
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": role or unquote(parts.username or ""),
        "PASSWORD": password if password is not None else unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def smtp(name: str) -> dict[str, object]:
    """Return host, port, user, password and kind of encryption of a mail server; empty when the variable is not set.

    ``smtp://user:password@host:587?tls=yes`` begins TLS after the greeting; ``smtps://`` speaks it from the start.
    """
    url = os.environ.get(name, "").strip()
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must look like smtp://user:password@host:587?tls=yes.")
    encrypted = parts.scheme == "smtps"
    return {
        "HOST": parts.hostname,
        "PORT": parts.port or (465 if encrypted else 587),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "SSL": encrypted,
        "TLS": not encrypted and dict(parse_qsl(parts.query)).get("tls", "no").lower() in {"1", "yes", "true", "on"},
    }


def webhooks(name: str) -> dict[str, str]:
    """Return addresses by key, written ``key=https://…,other=https://…``; a refusal never quotes an address."""
    found: dict[str, str] = {}
    for pair in words(name, ""):
        key, _, url = pair.partition("=")
        parts = urlsplit(url)
        loopback = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if not key or not parts.hostname or not (parts.scheme == "https" or loopback):
            raise ImproperlyConfigured(f"{name} must look like team-key=https://…, several joined by commas.")
        found[key.strip()] = url
    return found
