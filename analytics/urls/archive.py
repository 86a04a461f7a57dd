"""The archive."""

from django.urls import path

from analytics.views import archive

app_name = "archive"

urlpatterns = [
    path("", archive.index, name="list"),
    path("<int:entry_id>/", archive.detail, name="entry"),
    path("<int:entry_id>/print/", archive.printed, name="print"),
    path("<int:entry_id>/note/", archive.reword, name="reword"),
    path("<int:entry_id>/report.csv", archive.export_csv, name="csv"),
    path("<int:entry_id>/report.json", archive.export_json, name="json"),
]
