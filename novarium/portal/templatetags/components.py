"""Template tags for the portal's components; built in to every template."""

from __future__ import annotations

from django import template

register = template.Library()
