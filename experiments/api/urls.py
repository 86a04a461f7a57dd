"""The API's addresses of experiments, features, metrics and events."""

from django.urls import path

from experiments.api import events, experiments, features, live, metrics, moves, opinions

urlpatterns = [
    path("experiments/", experiments.ExperimentList.as_view(), name="experiments"),
    path("experiments/<slug:key>/", experiments.ExperimentDetail.as_view(), name="experiment"),
    *[path(f"experiments/<slug:key>/{name}/", moves.view_of(name), name=f"experiment_{name}") for name in moves.MOVES],
    path("experiments/<slug:key>/clone/", moves.Clone.as_view(), name="experiment_clone"),
    path("experiments/<slug:key>/phases/", live.Phases.as_view(), name="experiment_phases"),
    path("experiments/<slug:key>/ramp/", live.Advance.as_view(), name="experiment_ramp"),
    path("experiments/<slug:key>/shares/", live.Shares.as_view(), name="experiment_shares"),
    path("experiments/<slug:key>/end/", live.End.as_view(), name="experiment_end"),
    path("experiments/<slug:key>/reviews/", opinions.Reviews.as_view(), name="experiment_reviews"),
    path("experiments/<slug:key>/reviews/decide/", opinions.Verdict.as_view(), name="experiment_review_decide"),
    path("experiments/<slug:key>/reviews/withdraw/", opinions.Withdrawal.as_view(), name="experiment_review_withdraw"),
    path("experiments/<slug:key>/comments/", opinions.Comments.as_view(), name="experiment_comments"),
    path("features/", features.FeatureList.as_view(), name="features"),
    path("features/<slug:key>/", features.FeatureDetail.as_view(), name="feature"),
    path("features/<slug:key>/revisions/", features.Revisions.as_view(), name="feature_revisions"),
    path("features/<slug:key>/rollback/", features.Rollback.as_view(), name="feature_rollback"),
    path("metrics/", metrics.MetricList.as_view(), name="metrics"),
    path("metrics/<slug:key>/", metrics.MetricDetail.as_view(), name="metric"),
    path("layers/", metrics.LayerList.as_view(), name="layers"),
    path("event-types/", events.EventTypes.as_view(), name="event_types"),
    path("rejected-events/", events.RejectedEvents.as_view(), name="rejected_events"),
]
