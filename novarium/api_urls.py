"""The API's addresses, below ``/api/``."""

from django.urls import path

from novarium.portal.views import api_docs

app_name = "api"

urlpatterns = [
    path("schema/", api_docs.Schema.as_view(), name="schema"),
    path("docs/", api_docs.page, name="docs"),
]
