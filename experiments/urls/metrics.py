"""Metrics."""

from django.urls import path

from experiments.views import metrics

app_name = "metrics"

urlpatterns = [
    path("", metrics.index, name="list"),
    path("new/", metrics.new, name="new"),
    path("new/save/", metrics.create, name="create"),
    path("new/preview/", metrics.preview_unsaved, name="preview_unsaved"),
    path("<slug:key>/", metrics.detail, name="detail"),
    path("<slug:key>/preview/", metrics.preview, name="preview"),
    path("<slug:key>/edit/", metrics.edit, name="edit"),
    path("<slug:key>/edit/save/", metrics.save, name="save"),
    path("<slug:key>/delete/", metrics.delete, name="delete"),
]
