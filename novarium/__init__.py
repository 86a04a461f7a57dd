"""NovaRium: the portal, the kernel and the local set-up around the domain apps."""

from novarium.celery import app as celery_app

__all__ = ["celery_app"]
