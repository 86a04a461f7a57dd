"""The API's addresses of experiments, features, metrics and events."""

from django.urls import path

from experiments.api import experiments, features, metrics, moves, views

urlpatterns = [
    path("experiments/", experiments.ExperimentList.as_view(), name="experiments"),
    path("experiments/<slug:key>/", experiments.ExperimentDetail.as_view(), name="experiment"),
    path("experiments/<slug:key>/launch/", moves.Launch.as_view(), name="experiment_launch"),
    path("experiments/<slug:key>/stop/", moves.Stop.as_view(), name="experiment_stop"),
    path("experiments/<slug:key>/reset/", moves.Reset.as_view(), name="experiment_reset"),
    path("experiments/<slug:key>/clone/", moves.Clone.as_view(), name="experiment_clone"),
    path("features/", features.FeatureList.as_view(), name="features"),
    path("features/<slug:key>/", features.FeatureDetail.as_view(), name="feature"),
    path("features/<slug:key>/revisions/", features.Revisions.as_view(), name="feature_revisions"),
    path("features/<slug:key>/rollback/", features.Rollback.as_view(), name="feature_rollback"),
    path("metrics/", metrics.MetricList.as_view(), name="metrics"),
    path("metrics/<slug:key>/", metrics.MetricDetail.as_view(), name="metric"),
    path("layers/", metrics.LayerList.as_view(), name="layers"),
    path("events", views.Events.as_view(), name="events"),
]
