"""The addresses of the whole site."""

from django.contrib import admin
from django.urls import include, path

from novarium.portal.views import health

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("novarium.api_urls")),
    path("shop/", include("storefront.urls")),
    path("experiments/", include("experiments.urls.experiments")),
    path("features/", include("experiments.urls.features")),
    path("events/", include("experiments.urls.events")),
    path("metrics/", include("experiments.urls.metrics")),
    path("experiments/<slug:key>/results/", include("analytics.urls.results")),
    path("archive/", include("analytics.urls.archive")),
    path("monitor/", include("analytics.urls.monitor")),
    path("data/", include("analytics.urls.data")),
    path("simulator/", include("simulation.urls")),
    path("", include("novarium.portal.urls")),
]

handler400 = "novarium.kernel.problems.bad_request"
handler403 = "novarium.kernel.problems.permission_denied"
handler404 = "novarium.kernel.problems.not_found"
handler500 = "novarium.kernel.problems.server_error"
