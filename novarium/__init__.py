"""NovaRium: the portal, the kernel and the local set-up around the domain apps, and a client for programs.

Importing it starts nothing, so that ``novarium.client`` needs no Django; the Celery application is loaded with the
portal's app.
"""
