"""Addresses of this room."""

from django.urls import path

from kuangan.domains.campaign import (
    item_views,
    organisation_views,
    project_views,
    report_views,
    submission_views,
    target_views,
    views,
)

app_name = "campaign"
urlpatterns = [
    path("campaign/", views.overview, name="overview"),
    path("campaign/load", views.load, name="load"),
    path("campaign/wall/", views.wall, name="wall"),
    path("campaign/tasks/", views.TaskList.as_view(), name="tasks"),
    path("campaign/tasks/<int:pk>/", views.task, name="task"),
    path("campaign/milestones/", views.MilestoneList.as_view(), name="milestones"),
    path("campaign/milestones/<int:pk>/", views.milestone, name="milestone"),
    path("campaign/milestones/<int:pk>/<slug:name>", views.milestone_step, name="milestone_step"),
    path("campaign/items/", item_views.ItemList.as_view(), name="items"),
    path("campaign/items/new/", item_views.item_new, name="item_new"),
    path("campaign/items/<int:pk>/", item_views.item, name="item"),
    path("campaign/items/<int:pk>/<slug:name>", item_views.item_step, name="item_step"),
    path("campaign/disputes/<int:pk>/answer", item_views.answer, name="dispute_answer"),
    path("campaign/targets/", target_views.targets, name="targets"),
    path("campaign/targets/<int:pk>/", target_views.target, name="target"),
    path("campaign/targets/<int:pk>/<slug:name>", target_views.target_step, name="target_step"),
    path("campaign/organisation/", organisation_views.organisation, name="organisation"),
    path("campaign/organisation/new/", organisation_views.post_new, name="post_new"),
    path("campaign/organisation/<int:pk>/end", organisation_views.post_end, name="post_end"),
    path("campaign/meetings/new/", organisation_views.meeting_new, name="meeting_new"),
    path("campaign/meetings/<int:pk>/", organisation_views.meeting, name="meeting"),
    path("campaign/meetings/<int:pk>/<slug:name>", organisation_views.meeting_step, name="meeting_step"),
    path("campaign/projects/", project_views.ProjectList.as_view(), name="projects"),
    path("campaign/projects/new/<slug:ledger>/", project_views.project_new, name="project_new"),
    path("campaign/projects/<int:pk>/", project_views.project, name="project"),
    path("campaign/submissions/", submission_views.SubmissionList.as_view(), name="submissions"),
    path("campaign/submissions/<int:pk>/", submission_views.submission, name="submission"),
    path("campaign/submissions/<int:pk>/<slug:name>", submission_views.submission_step, name="submission_step"),
    path("campaign/reports/", report_views.reports, name="reports"),
    path("campaign/reports/<int:pk>/", report_views.report, name="report"),
    path("campaign/reports/<int:pk>/docx", report_views.report_docx, name="report_docx"),
    path("campaign/reports/<int:pk>/<slug:name>", report_views.report_step, name="report_step"),
    path("campaign/templates/<slug:kind>", report_views.template, name="template"),
    path("campaign/handover/", report_views.handover, name="handover"),
]
