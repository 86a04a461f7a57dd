"""The API's addresses, below ``/api/``."""

from django.urls import include, path

from novarium.portal import openapi as openapi  # noqa: PLC0414 - describes our tokens to the schema
from novarium.portal.views import api_docs

app_name = "api"

urlpatterns = [
    path("v1/", include("experiments.api.urls")),
    path("v1/", include("analytics.api.urls")),
    path("v1/", include("novarium.portal.api.urls")),
    path("schema/", api_docs.Schema.as_view(), name="schema"),
    path("docs/", api_docs.page, name="docs"),
]
