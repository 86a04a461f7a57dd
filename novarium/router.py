"""Which database alias a query takes: the shop's own tables by the shop's role, all else by the owner."""

from __future__ import annotations

from typing import Any

from django.db.models import Model


class ShopRouter:
    """Route the storefront's models to the ``shop`` alias; migrate through ``default`` only."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        """Read the storefront's tables by the shop's role."""
        return "shop" if model._meta.app_label == "storefront" else None

    db_for_write = db_for_read

    def allow_relation(self, *_args: Any, **_hints: Any) -> bool:
        """Allow relations: both aliases are one database."""
        return True

    def allow_migrate(self, db: str, *_args: Any, **_hints: Any) -> bool:
        """Create and change tables by the owner only."""
        return db == "default"
