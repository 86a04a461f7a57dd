"""Experiments and their builder."""

from django.urls import path

from experiments.views import detail, discussion, hypothesis, listing, moves, plan, review, templates, variants

app_name = "experiments"

urlpatterns = [
    path("", listing.index, name="list"),
    path("new/", hypothesis.new, name="new"),
    path("new/save/", hypothesis.create, name="create"),
    # Below "new", which no experiment's key can be.
    path("new/templates/", templates.index, name="templates"),
    path("new/templates/<int:template>/", templates.show, name="template"),
    path("new/templates/<int:template>/start/", templates.start, name="template_start"),
    path("new/templates/<int:template>/delete/", templates.delete, name="template_delete"),
    path("<slug:key>/template/", templates.new, name="template_new"),
    path("<slug:key>/template/save/", templates.save, name="template_save"),
    path("<slug:key>/", detail.design, name="design"),
    path("<slug:key>/swarm/", detail.swarm, name="swarm"),
    path("<slug:key>/history/", detail.history, name="history"),
    path("<slug:key>/discussion/", discussion.show, name="discussion"),
    path("<slug:key>/discussion/comment/", discussion.post, name="comment"),
    path("<slug:key>/discussion/<int:comment>/edit/", discussion.edit, name="comment_edit"),
    path("<slug:key>/discussion/<int:comment>/save/", discussion.save, name="comment_save"),
    path("<slug:key>/discussion/<int:comment>/delete/", discussion.delete, name="comment_delete"),
    path("<slug:key>/discussion/people/", discussion.people, name="people"),
    path("<slug:key>/watch/", discussion.watch, name="watch"),
    path("<slug:key>/unwatch/", discussion.unwatch, name="unwatch"),
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
