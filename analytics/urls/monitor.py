"""The live monitor. Its stream, ``/monitor/stream``, is answered beside Django: see ``novarium.monitor_stream``."""

from django.urls import path

from analytics.views import monitor

app_name = "monitor"

urlpatterns = [
    path("", monitor.page, name="page"),
    path("live/", monitor.live, name="live"),
]
