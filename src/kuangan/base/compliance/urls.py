"""Addresses of clauses."""

from django.urls import path

from kuangan.base.compliance import views

app_name = "compliance"
urlpatterns = [
    path("clauses/", views.ClauseList.as_view(), name="clauses"),
    path("clauses/texts/", views.texts, name="texts"),
    path("clauses/<str:node>/", views.clause, name="clause"),
]
