"""Liveness and readiness for supervisors and load balancers."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

Check = Callable[[], tuple[str, bool]]

_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Have readiness ask an app, too: for its state in words, and whether that is enough to serve."""
    _checks[name] = check


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process can serve at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when Postgres and Valkey answer and every app is ready, else 503; each says how it is."""
    states = {"postgres": _postgres(), "valkey": _valkey()}
    is_ready = all(state == "ok" for state in states.values())
    for name, check in _checks.items():
        states[name], is_enough = check()
        is_ready = is_ready and is_enough
    return JsonResponse(states, status=200 if is_ready else 503)


def _postgres() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _valkey() -> str:
    try:
        cache.get("readyz")
    except (RedisError, OSError):
        return "unreachable"
    return "ok"
