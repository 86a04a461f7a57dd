"""The Data Lab: daily metrics, users, how they are built, and from which datasets."""

from django.urls import path

from analytics.views import data, datasets, quality, reports

app_name = "data"

urlpatterns = [
    path("", data.daily, name="daily"),
    path("daily.csv", data.daily_csv, name="daily_csv"),
    path("users/", data.users, name="users"),
    path("users.csv", data.users_csv, name="users_csv"),
    path("builds/", data.builds, name="builds"),
    path("builds/live/", data.builds_live, name="builds_live"),
    path("build/", data.build, name="build"),
    path("builds/<int:pk>/resume/", data.resume, name="resume"),
    path("quality/", quality.page, name="quality"),
    path("quality/<slug:check>/run/", quality.rerun, name="rerun"),
    path("quality/<slug:check>/accept/", quality.accept_failure, name="accept"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<slug:dataset>/<str:day>/<str:name>", reports.download, name="report"),
    path("lineage/", data.lineage_graph, name="lineage"),
    path("datasets/", datasets.datasets, name="datasets"),
    path("datasets/<slug:key>/", datasets.dataset, name="dataset"),
    path("datasets/<slug:key>/live/", datasets.dataset_live, name="dataset_live"),
    path("datasets/<slug:key>/delete/", datasets.delete, name="delete_dataset"),
    path("import/", datasets.start_import, name="import"),
    path("dictionary/", data.dictionary, name="dictionary"),
]
