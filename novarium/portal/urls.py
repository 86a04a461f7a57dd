"""The portal's own pages."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from novarium.portal.views import overview

app_name = "portal"

urlpatterns = [
    path("", overview.page, name="overview"),
    path("login/", login_not_required(LoginView.as_view(template_name="portal/login.html")), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
