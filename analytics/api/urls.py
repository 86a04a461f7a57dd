"""The API's addresses of results and the archive."""

from django.urls import path

from analytics.api import views

urlpatterns = [
    path("experiments/<slug:key>/results/", views.Results.as_view(), name="experiment_results"),
    path("archive/", views.ArchiveList.as_view(), name="archive"),
    path("archive/<int:entry_id>/", views.ArchiveDetail.as_view(), name="archive_entry"),
]
