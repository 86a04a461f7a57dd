"""Results of an experiment and the decision on it."""

from django.urls import path

from analytics.views import decisions, results

app_name = "results"

urlpatterns = [
    path("", results.page, name="page"),
    path("live/", results.live, name="live"),
    path("report.csv", results.export_csv, name="csv"),
    path("report.json", results.export_json, name="json"),
    path("decide/", decisions.page, name="decide"),
    path("adopt/", decisions.adopt, name="adopt"),
    path("reject/", decisions.reject, name="reject"),
]
