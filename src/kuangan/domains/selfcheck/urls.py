"""Addresses of this room."""

from django.urls import path

from kuangan.domains.selfcheck import fill_views, judge_views, views
from kuangan.domains.selfcheck.publicity import reading_views, text_views, told_views

app_name = "selfcheck"
urlpatterns = [
    path("selfcheck/", views.RoundList.as_view(), name="rounds"),
    path("selfcheck/rounds/new/", views.round_new, name="round_new"),
    path("selfcheck/rounds/<int:pk>/", views.round_page, name="round"),
    path("selfcheck/rounds/<int:pk>/begin/", views.begin, name="begin"),
    path("selfcheck/rounds/<int:pk>/<slug:name>", views.round_step, name="round_step"),
    path("selfcheck/sheets/", views.SheetList.as_view(), name="sheets"),
    path("selfcheck/sheets/<slug:number>/", views.sheet_page, name="sheet"),
    path("selfcheck/sheets/<slug:number>/fill/", fill_views.fill, name="fill"),
    path("selfcheck/sheets/<slug:number>/print/", views.sheet_print, name="print"),
    path("selfcheck/sheets/<slug:number>/report.docx", views.sheet_docx, name="docx"),
    path("selfcheck/sheets/<slug:number>/compare/", judge_views.compare_again, name="compare"),
    path("selfcheck/sheets/<slug:number>/stage/", judge_views.stage_confirm, name="stage"),
    path("selfcheck/sheets/<slug:number>/items/<slug:node>/", fill_views.item, name="item"),
    path("selfcheck/sheets/<slug:number>/items/<slug:node>/history/", fill_views.history, name="history"),
    path("selfcheck/sheets/<slug:number>/items/<slug:node>/problem/", judge_views.problem_new, name="problem_new"),
    path("selfcheck/sheets/<slug:number>/<slug:name>", views.sheet_step, name="step"),
    path("selfcheck/problems/<int:pk>/<slug:name>", judge_views.problem_step, name="problem_step"),
    path("selfcheck/evidence/<int:pk>/", fill_views.evidence, name="evidence"),
    path("selfcheck/evidence/<int:pk>/withdraw/", fill_views.evidence_withdraw, name="evidence_withdraw"),
    path("selfcheck/differences/", judge_views.DifferenceList.as_view(), name="differences"),
    path("selfcheck/differences/<int:pk>/<slug:name>", judge_views.difference_step, name="difference_step"),
    path("selfcheck/proposals/", judge_views.ProposalList.as_view(), name="proposals"),
    path("selfcheck/proposals/<int:pk>/decide/", judge_views.proposal_decide, name="proposal_decide"),
    path("standards/", text_views.texts, name="texts"),
    path("standards/new/", text_views.text_new, name="text_new"),
    path("standards/<int:pk>/withdraw/", text_views.text_withdraw, name="text_withdraw"),
    path("reading/", reading_views.ReadingLists.as_view(), name="lists"),
    path("reading/new/", reading_views.list_new, name="list_new"),
    path("reading/<int:pk>/", reading_views.list_page, name="list"),
    path("reading/<int:pk>/read/", reading_views.read, name="read"),
    path("reading/<int:pk>/test/", reading_views.test, name="test"),
    path("reading/<int:pk>/group/", reading_views.group, name="group"),
    path("reading/<int:pk>/end/", reading_views.end, name="list_end"),
    path("publicity/", told_views.PublicityList.as_view(), name="publicity"),
    path("publicity/open/", told_views.open_visits, name="publicity_open"),
    path("publicity/new/<int:visit>/", told_views.publicity_new, name="publicity_new"),
    path("publicity/<int:pk>/void/", told_views.publicity_void, name="publicity_void"),
]
