"""Liveness and readiness for supervisors and load balancers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process can serve at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when Postgres and Valkey answer, else 503 naming the one that does not."""
    checks = {"postgres": _postgres(), "valkey": _valkey()}
    return JsonResponse(checks, status=200 if all(state == "ok" for state in checks.values()) else 503)


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
