"""Addresses of accounts."""

from django.urls import path

from kuangan.base.people import views

app_name = "people"
urlpatterns = [
    path("users/", views.UserList.as_view(), name="users"),
    path("users/new/", views.user_new, name="user_new"),
    path("users/<int:pk>/", views.user_page, name="user"),
    path("users/<int:pk>/edit/", views.user_edit, name="user_edit"),
    path("users/<int:pk>/groups/", views.user_groups, name="user_groups"),
    path("users/<int:pk>/active/", views.user_active, name="user_active"),
    path("users/<int:pk>/password/", views.user_password, name="user_password"),
]
