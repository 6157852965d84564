"""Addresses of the portal."""

from django.urls import path

from kuangan.portal import live, mines, search, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/stream", live.stream, name="stream"),
    path("live/state", live.state, name="state"),
    path("search/", search.search, name="search"),
    path("mines/<str:code>/", mines.mine_page, name="mine"),
]
