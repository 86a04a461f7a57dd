"""The event catalogue and the rejected events."""

from django.urls import path

from experiments.views import events, rejected

app_name = "events"

urlpatterns = [
    path("", events.index, name="list"),
    path("new/", events.new, name="new"),
    path("new/save/", events.create, name="create"),
    path("rejected/", rejected.index, name="rejected"),
    path("rejected/replay/", rejected.replay_all, name="replay_all"),
    path("rejected/<uuid:rejected_id>/", rejected.detail, name="rejected_one"),
    path("rejected/<uuid:rejected_id>/replay/", rejected.replay, name="replay"),
    path("<slug:name>/", events.detail, name="detail"),
    path("<slug:name>/version/", events.version, name="version"),
    path("<slug:name>/version/save/", events.add_version, name="add_version"),
]
