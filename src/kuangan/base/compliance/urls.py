"""Addresses of clauses and of what is known of them."""

from django.urls import path

from kuangan.base.compliance import board_lists, board_views, cell_views, views

app_name = "compliance"
urlpatterns = [
    path("clauses/", views.ClauseList.as_view(), name="clauses"),
    path("clauses/texts/", views.texts, name="texts"),
    path("clauses/<str:node>/", views.clause, name="clause"),
    path("board/", board_views.BoardPage.as_view(), name="board"),
    path("board/cells/", board_lists.CellList.as_view(), name="cells"),
    path("board/cases/", board_lists.CaseList.as_view(), name="cases"),
    path("board/cases/<str:number>/", cell_views.case, name="case"),
    path("board/cases/<str:number>/file", cell_views.case_file, name="case_file"),
    path("board/cases/<str:number>/<slug:name>", cell_views.step, name="step"),
    path("board/<slug:kind>/<str:subject>/<str:clause>/", cell_views.cell, name="cell"),
    path("board/<slug:kind>/<str:subject>/<str:clause>/<slug:name>", cell_views.act, name="act"),
]
