"""Addresses of the portal."""

from django.urls import path

from kuangan.portal import inbox, live, mines, search, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/stream", live.stream, name="stream"),
    path("live/state", live.state, name="state"),
    path("search/", search.search, name="search"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read, name="inbox_read"),
    path("mines/<str:code>/", mines.mine_page, name="mine"),
]
