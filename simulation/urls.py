"""The simulator's addresses."""

from django.urls import path

from simulation.views import experiment, simulator

app_name = "simulator"

urlpatterns = [
    path("", simulator.page, name="page"),
    path("truth/", simulator.truth, name="truth"),
    path("traffic/", simulator.save_traffic, name="traffic"),
    path("experiment/<slug:key>/", experiment.panel, name="experiment"),
    path("experiment/<slug:key>/send/", experiment.send, name="send"),
    path("experiment/<slug:key>/runs/<int:run>/", experiment.run_progress, name="run"),
    path("experiment/<slug:key>/runs/<int:run>/cancel/", experiment.cancel, name="cancel"),
]
