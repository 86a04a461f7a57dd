"""Features."""

from django.urls import path

from experiments.views import features, serving

app_name = "features"

urlpatterns = [
    path("", features.index, name="list"),
    path("new/", serving.new, name="new"),
    path("new/save/", serving.create, name="create"),
    path("<slug:key>/", features.detail, name="detail"),
    path("<slug:key>/edit/", features.edit, name="edit"),
    path("<slug:key>/edit/save/", features.save, name="save"),
    path("<slug:key>/edit/preview/", features.show_preview, name="preview"),
    path("<slug:key>/switch/", serving.switch, name="switch"),
    path("<slug:key>/targets/", serving.targets, name="targets"),
    path("<slug:key>/targets/save/", serving.save_targets, name="save_targets"),
    path("<slug:key>/revisions/<int:number>/rollback/", features.confirm_rollback, name="confirm_rollback"),
    path("<slug:key>/revisions/<int:number>/rollback/save/", features.rollback, name="rollback"),
]
