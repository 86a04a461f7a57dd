"""The API's OpenAPI document and its page."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView

from novarium.portal import api_docs
from novarium.portal.access import allow
from novarium.portal.api_access import ApiAccess
from novarium.portal.roles import Action


@extend_schema(exclude=True)
class Schema(SpectacularJSONAPIView):
    """The OpenAPI document, for holders of a session or a token."""

    permission_classes = [ApiAccess]  # noqa: RUF012 - DRF declares it so
    actions_by_method: ClassVar = {"GET": Action.READ}


@require_safe
@allow(Action.READ)
def page(request: HttpRequest) -> HttpResponse:
    """Show the API's operations."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    base_url = request.build_absolute_uri("/").rstrip("/")
    context = {
        "groups": api_docs.groups(document, base_url=base_url),
        "curl": f"curl -H 'Authorization: Bearer TOKEN' {base_url}/api/v1/me/",
        "python": (
            "from novarium.client import Client\n\n"
            f'client = Client("{base_url}", token="TOKEN")\n'
            'print(client.results("KEY").to_frame())'
        ),
    }
    return render(request, "portal/api_docs.html", context)
