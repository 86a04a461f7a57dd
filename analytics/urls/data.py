"""The Data Lab: daily metrics, users, how they are built, and from which datasets."""

from django.urls import path

from analytics.views import crm, data, datasets, funnels, quality, reports

app_name = "data"

urlpatterns = [
    path("", data.daily, name="daily"),
    path("daily.csv", data.daily_csv, name="daily_csv"),
    path("users/", data.users, name="users"),
    path("users.csv", data.users_csv, name="users_csv"),
    path("funnel/", funnels.funnel, name="funnel"),
    path("funnel.csv", funnels.funnel_csv, name="funnel_csv"),
    path("funnel-categories.csv", funnels.categories_csv, name="categories_csv"),
    path("cohorts/", funnels.cohort_weeks, name="cohorts"),
    path("cohorts.csv", funnels.cohorts_csv, name="cohorts_csv"),
    path("crm/", crm.targets, name="crm"),
    path("crm.csv", crm.targets_csv, name="crm_csv"),
    path("crm/rules/new/", crm.new_rule, name="new_rule"),
    path("crm/rules/", crm.create_rule, name="create_rule"),
    path("crm/rules/<slug:key>/", crm.edit_rule, name="edit_rule"),
    path("crm/rules/<slug:key>/change/", crm.change_rule, name="change_rule"),
    path("builds/", data.builds, name="builds"),
    path("builds/live/", data.builds_live, name="builds_live"),
    path("build/", data.build, name="build"),
    path("builds/<int:pk>/resume/", data.resume, name="resume"),
    path("quality/", quality.page, name="quality"),
    path("quality/live/", quality.live, name="quality_live"),
    path("quality/run/", quality.rerun_every, name="rerun_every"),
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
