"""The API's addresses of the portal's own."""

from django.urls import path

from novarium.portal.api import views

urlpatterns = [
    path("me/", views.Caller.as_view(), name="caller"),
    path("audit/", views.AuditList.as_view(), name="audit"),
    path("connections/", views.ConnectionList.as_view(), name="connections"),
]
