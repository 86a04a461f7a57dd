"""The portal's own pages."""

from django.urls import path

from novarium.portal.views import account, audit, connections, notifications, overview, style, teams, tokens

app_name = "portal"

urlpatterns = [
    path("", overview.page, name="overview"),
    path("login/", account.Login.as_view(), name="login"),
    path("logout/", account.log_out, name="logout"),
    path("language/", account.change_language, name="language"),
    path("theme/", account.change_theme, name="theme"),
    path("profile/", account.profile, name="profile"),
    path("profile/save/", account.save_profile, name="profile_save"),
    path("profile/notifications/", account.save_mail, name="profile_mail"),
    path("profile/password/", account.change_password, name="profile_password"),
    path("teams/", teams.index, name="teams"),
    path("teams/<slug:team>/", teams.detail, name="team"),
    path("connections/", connections.index, name="connections"),
    path("connections/new/", connections.new, name="connections_new"),
    path("connections/create/", connections.create, name="connections_create"),
    path("connections/<int:connection>/", connections.detail, name="connections_detail"),
    path("connections/<int:connection>/change/", connections.change, name="connections_change"),
    path("connections/<int:connection>/roll/", connections.roll, name="connections_roll"),
    path("connections/<int:connection>/revoke/", connections.revoke, name="connections_revoke"),
    path("tokens/", tokens.index, name="tokens"),
    path("tokens/new/", tokens.create, name="tokens_new"),
    path("tokens/<slug:token_key>/revoke/", tokens.revoke, name="tokens_revoke"),
    path("audit/", audit.index, name="audit"),
    path("audit/export/", audit.export, name="audit_export"),
    path("notifications/", notifications.index, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications_read"),
    path("notifications/<int:notification>/", notifications.open_one, name="notification"),
    path("style/", style.page, name="style"),
]
