"""Addresses of the rule book."""

from django.urls import path

from kuangan.domains.rulebook import draft_views, override_views, trial_views, version_views, views

app_name = "rulebook"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/drafts/", draft_views.DraftList.as_view(), name="drafts"),
    path("rules/drafts/new/", draft_views.draft_new, name="draft_new"),
    path("rules/drafts/<int:pk>/", draft_views.draft, name="draft"),
    path("rules/drafts/<int:pk>/edit/", draft_views.draft_edit, name="draft_edit"),
    path("rules/drafts/<int:pk>/<slug:name>/", draft_views.draft_step, name="draft_step"),
    path("rules/trials/<int:pk>/", trial_views.TrialPage.as_view(), name="trial"),
    path("rules/trials/<int:pk>/state/", trial_views.trial_state, name="trial_state"),
    path("rules/trials/<int:pk>/cancel/", trial_views.trial_cancel, name="trial_cancel"),
    path("rules/shadows/<int:pk>/", trial_views.shadow, name="shadow"),
    path("rules/shadows/<int:pk>/stop/", trial_views.shadow_stop, name="shadow_stop"),
    path("rules/versions/", version_views.VersionList.as_view(), name="versions"),
    path("rules/versions/<int:pk>/", version_views.version, name="version"),
    path("rules/versions/<int:pk>/<slug:name>/", version_views.version_step, name="version_step"),
    path("rules/overrides/", override_views.OverrideList.as_view(), name="overrides"),
    path("rules/overrides/new/", override_views.override_new, name="override_new"),
    path("rules/overrides/<int:pk>/", override_views.override, name="override"),
    path("rules/overrides/<int:pk>/<slug:name>/", override_views.override_step, name="override_step"),
]
