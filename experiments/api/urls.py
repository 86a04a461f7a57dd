"""The API's addresses of experiments, features, metrics and events."""

from django.urls import path

from experiments.api import views

urlpatterns = [
    path("experiments/", views.ExperimentList.as_view(), name="experiments"),
    path("experiments/<slug:key>/", views.ExperimentDetail.as_view(), name="experiment"),
    path("experiments/<slug:key>/launch/", views.Launch.as_view(), name="experiment_launch"),
    path("experiments/<slug:key>/stop/", views.Stop.as_view(), name="experiment_stop"),
    path("features/", views.FeatureList.as_view(), name="features"),
    path("features/<slug:key>/", views.FeatureDetail.as_view(), name="feature"),
    path("metrics/", views.MetricList.as_view(), name="metrics"),
    path("metrics/<slug:key>/", views.MetricDetail.as_view(), name="metric"),
    path("events", views.Events.as_view(), name="events"),
]
