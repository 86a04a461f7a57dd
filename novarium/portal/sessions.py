"""Sessions in the cache and the database, under keys that look like ours only."""

from __future__ import annotations

from django.contrib.sessions.backends import cached_db


class SessionStore(cached_db.SessionStore):
    """A cookie may hold any character, also those that a database refuses to look for."""

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key) and super()._validate_session_key(key) and key.isascii() and key.isalnum()  # type: ignore[union-attr, misc]

    @classmethod
    def get_model_class(cls) -> type:
        """Return the table of sessions."""
        return cached_db.SessionStore.get_model_class()
