"""The API's addresses of results and the archive."""

from django.urls import path

from analytics.api import views

urlpatterns = [
    path("experiments/<slug:key>/results/", views.Results.as_view(), name="experiment_results"),
    path("experiments/<slug:key>/adopt/", views.Adopt.as_view(), name="experiment_adopt"),
    path("experiments/<slug:key>/reject/", views.Reject.as_view(), name="experiment_reject"),
    path("adoptions/", views.AdoptionList.as_view(), name="adoptions"),
    path("archive/", views.ArchiveList.as_view(), name="archive"),
    path("archive/<int:entry_id>/", views.ArchiveDetail.as_view(), name="archive_entry"),
    path("archive/<int:entry_id>/learning/", views.Learning.as_view(), name="archive_learning"),
]
