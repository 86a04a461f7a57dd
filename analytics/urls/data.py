"""The Data Lab: daily metrics, users, and how they are built."""

from django.urls import path

from analytics.views import data

app_name = "data"

urlpatterns = [
    path("", data.daily, name="daily"),
    path("daily.csv", data.daily_csv, name="daily_csv"),
    path("users/", data.users, name="users"),
    path("users.csv", data.users_csv, name="users_csv"),
    path("builds/", data.builds, name="builds"),
    path("builds/live/", data.builds_live, name="builds_live"),
    path("build/", data.build, name="build"),
    path("dictionary/", data.dictionary, name="dictionary"),
]
