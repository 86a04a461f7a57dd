"""Experiments and their builder."""

from django.urls import path

from experiments.views import detail, hypothesis, listing, moves, plan, review, variants

app_name = "experiments"

urlpatterns = [
    path("", listing.index, name="list"),
    path("new/", hypothesis.new, name="new"),
    path("new/save/", hypothesis.create, name="create"),
    path("<slug:key>/", detail.design, name="design"),
    path("<slug:key>/swarm/", detail.swarm, name="swarm"),
    path("<slug:key>/history/", detail.history, name="history"),
    path("<slug:key>/hypothesis/", hypothesis.edit, name="hypothesis"),
    path("<slug:key>/hypothesis/save/", hypothesis.save, name="hypothesis_save"),
    path("<slug:key>/variants/", variants.edit, name="variants"),
    path("<slug:key>/variants/save/", variants.save, name="variants_save"),
    path("<slug:key>/variants/reshape/", variants.reshape, name="variants_reshape"),
    path("<slug:key>/variants/<int:index>/preview/", variants.show_preview, name="variants_preview"),
    path("<slug:key>/plan/", plan.edit, name="plan"),
    path("<slug:key>/plan/save/", plan.save, name="plan_save"),
    path("<slug:key>/plan/estimate/", plan.estimate, name="plan_estimate"),
    path("<slug:key>/plan/compare/", plan.compare, name="plan_compare"),
    path("<slug:key>/plan/recalculate/", plan.recalculate, name="plan_recalculate"),
    path("<slug:key>/plan/weights/", plan.weigh, name="plan_weights"),
    path("<slug:key>/review/", review.show, name="review"),
    path("<slug:key>/launch/", moves.launch, name="launch"),
    path("<slug:key>/stop/", moves.stop, name="stop"),
    path("<slug:key>/reset/", moves.reset, name="reset"),
    path("<slug:key>/clone/", moves.clone, name="clone"),
    path("<slug:key>/delete/", moves.delete, name="delete"),
]
