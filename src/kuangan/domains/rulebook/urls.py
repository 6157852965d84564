"""Addresses of the rule book."""

from django.urls import path

from kuangan.domains.rulebook import views

app_name = "rulebook"
urlpatterns = [path("rules/", views.rules, name="rules")]
