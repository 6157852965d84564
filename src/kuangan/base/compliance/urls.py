"""Addresses of clauses and of what is known of them."""

from django.urls import path

from kuangan.base.compliance import board_lists, board_views, cell_views, readings_views, texts_views, views

app_name = "compliance"
urlpatterns = [
    path("clauses/", views.ClauseList.as_view(), name="clauses"),
    path("clauses/texts/", texts_views.texts, name="texts"),
    path("clauses/editions/", texts_views.editions_page, name="editions"),
    path("clauses/editions/new/", texts_views.edition_new, name="edition_new"),
    path("clauses/editions/drafts/<str:digest>/", texts_views.draft, name="draft"),
    path("clauses/editions/drafts/<str:digest>/<slug:name>", texts_views.draft_step, name="draft_step"),
    path("clauses/editions/<str:document>/<int:number>/", texts_views.edition, name="edition"),
    path("clauses/readings/", readings_views.readings, name="readings"),
    path("clauses/readings/<slug:name>/", readings_views.reading, name="reading"),
    path("clauses/readings/<slug:name>/propose", readings_views.reading_propose, name="reading_propose"),
    path("clauses/baselines/", readings_views.baselines, name="baselines"),
    path("clauses/baselines/<slug:name>/", readings_views.baseline, name="baseline"),
    path("clauses/baselines/<slug:name>/propose", readings_views.baseline_propose, name="baseline_propose"),
    path("clauses/choices/<slug:kind>/<int:pk>/<slug:name>", readings_views.choice_step, name="choice_step"),
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
