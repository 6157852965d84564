"""Addresses of the data link."""

from django.urls import path

from kuangan.domains.datalink import sender_views, views

app_name = "datalink"
urlpatterns = [
    path("link/", views.link_page, name="link"),
    path("link/export.xlsx", views.export, name="export"),
    path("link/frames/<str:gateway>/<int:seq>/", views.frame_page, name="frame"),
    path("link/frames/<str:gateway>/<int:seq>/download", views.download, name="download"),
    path("senders/", sender_views.sender_list, name="senders"),
    path("senders/<int:pk>/", sender_views.sender_detail, name="sender"),
]
