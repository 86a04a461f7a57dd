"""Authentication by API token."""

from __future__ import annotations

from knox.auth import TokenAuthentication as KnoxAuthentication


class TokenAuthentication(KnoxAuthentication):
    """Knox's check of the hashed token, sent as ``Authorization: Bearer …``."""

    def authenticate_header(self, request: object) -> str:
        """Name the scheme in a 401."""
        return "Bearer"
