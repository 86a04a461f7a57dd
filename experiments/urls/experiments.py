"""Experiments and their builder."""

from django.urls import path

from experiments.views import detail, hypothesis, layers, listing, live, moves, plan, review, traffic, variants

app_name = "experiments"

urlpatterns = [
    path("", listing.index, name="list"),
    path("new/", hypothesis.new, name="new"),
    path("new/save/", hypothesis.create, name="create"),
    path("layers/", layers.index, name="layers"),
    path("layers/new/", layers.new, name="layer_new"),
    path("layers/new/save/", layers.create, name="layer_create"),
    path("layers/<slug:layer>/edit/", layers.edit, name="layer_edit"),
    path("layers/<slug:layer>/edit/save/", layers.save, name="layer_save"),
    path("holdout/", layers.holdout, name="holdout"),
    path("holdout/save/", layers.save_holdout, name="holdout_save"),
    path("<slug:key>/", detail.design, name="design"),
    path("<slug:key>/swarm/", detail.swarm, name="swarm"),
    path("<slug:key>/history/", detail.history, name="history"),
    path("<slug:key>/hypothesis/", hypothesis.edit, name="hypothesis"),
    path("<slug:key>/hypothesis/save/", hypothesis.save, name="hypothesis_save"),
    path("<slug:key>/variants/", variants.edit, name="variants"),
    path("<slug:key>/variants/save/", variants.save, name="variants_save"),
    path("<slug:key>/variants/reshape/", variants.reshape, name="variants_reshape"),
    path("<slug:key>/variants/<int:index>/preview/", variants.show_preview, name="variants_preview"),
    path("<slug:key>/traffic/", traffic.edit, name="traffic"),
    path("<slug:key>/traffic/save/", traffic.save, name="traffic_save"),
    path("<slug:key>/seed/", traffic.draw_seed, name="draw_seed"),
    path("<slug:key>/plan/", plan.edit, name="plan"),
    path("<slug:key>/plan/save/", plan.save, name="plan_save"),
    path("<slug:key>/plan/estimate/", plan.estimate, name="plan_estimate"),
    path("<slug:key>/review/", review.show, name="review"),
    path("<slug:key>/review/request/", review.request_review, name="review_request"),
    path("<slug:key>/review/decide/", review.decide, name="review_decide"),
    path("<slug:key>/previews/<int:index>/open/", review.open_preview, name="preview_open"),
    path("<slug:key>/launch/", moves.launch, name="launch"),
    path("<slug:key>/stop/", moves.stop, name="stop"),
    path("<slug:key>/pause/", moves.pause, name="pause"),
    path("<slug:key>/resume/", moves.resume, name="resume"),
    path("<slug:key>/ramp/", live.advance, name="advance"),
    path("<slug:key>/shares/", live.change_shares, name="change_shares"),
    path("<slug:key>/end/", live.change_end, name="change_end"),
    path("<slug:key>/reset/", moves.reset, name="reset"),
    path("<slug:key>/clone/", moves.clone, name="clone"),
    path("<slug:key>/delete/", moves.delete, name="delete"),
]
