"""Addresses of the portal."""

from django.urls import path

from kuangan.portal import boards, cockpit, curves, inbox, live, mines, people, search, video, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/stream", live.stream, name="stream"),
    path("live/state", live.state, name="state"),
    path("search/", search.search, name="search"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read, name="inbox_read"),
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("curves/", curves.browser, name="curves"),
    path("curves/data", curves.data, name="curve_data"),
    path("curves/export", curves.export, name="curve_export"),
    path("underground/board/", people.board, name="people"),
    path("mines/<str:code>/people/", people.mine_day, name="mine_people"),
    path("video/board/", video.board, name="video"),
    path("mines/<str:code>/video/", video.mine_video, name="mine_video"),
    path("boards/lines", boards.lines, name="board_lines"),
    path("boards/air/", boards.board, {"kind": "air"}, name="board_air"),
    path("boards/water/", boards.board, {"kind": "water"}, name="board_water"),
    path("boards/fire/", boards.board, {"kind": "fire"}, name="board_fire"),
    path("boards/pressure/", boards.board, {"kind": "pressure"}, name="board_pressure"),
    path("boards/slope/", boards.board, {"kind": "slope"}, name="board_slope"),
    path("boards/tailings/", boards.board, {"kind": "tailings"}, name="board_tailings"),
    path("mines/<str:code>/", mines.mine_page, name="mine"),
]
