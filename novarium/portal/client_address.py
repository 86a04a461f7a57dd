"""From where a request comes, as far as the proxies before us can be trusted."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address: of the connection, or as noted by the outermost of PROXY_COUNT trusted proxies.

    Each proxy adds the address that it saw to the right of ``X-Forwarded-For``; what stands further left was written
    by the client itself.
    """
    seen: str | None = request.META.get("REMOTE_ADDR")
    noted = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if not 0 < settings.PROXY_COUNT <= len(noted):
        return seen
    try:
        return str(ip_address(noted[-settings.PROXY_COUNT]))
    except ValueError:
        return seen
