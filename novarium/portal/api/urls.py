"""The API's addresses of the portal's own."""

from django.urls import path

from novarium.portal.api import connections, views

urlpatterns = [
    path("me/", views.Caller.as_view(), name="caller"),
    path("audit/", views.AuditList.as_view(), name="audit"),
    path("connections/", connections.ConnectionList.as_view(), name="connections"),
    path("connections/<int:connection>/", connections.ConnectionDetail.as_view(), name="connection"),
    path("connections/<int:connection>/roll/", connections.Roll.as_view(), name="connection_roll"),
    path("connections/<int:connection>/revoke/", connections.Revoke.as_view(), name="connection_revoke"),
]
