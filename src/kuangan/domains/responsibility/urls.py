"""Addresses of this room."""

from django.urls import path

from kuangan.domains.responsibility import field_views, fund_views, matter_views, meeting_views, views

app_name = "responsibility"
urlpatterns = [
    path("responsibility/", views.MineList.as_view(), name="mines"),
    path("responsibility/mines/<str:code>/", views.mine, name="mine"),
    path("responsibility/mines/<str:code>/assign/<slug:role>/", views.assign, name="assign"),
    path("responsibility/mines/<str:code>/posts/new/", views.post_new, name="post_new"),
    path("responsibility/mines/<str:code>/nature/", views.nature, name="nature"),
    path("responsibility/mines/<str:code>/owners/<str:company>/", views.owner_new, name="owner_new"),
    path("responsibility/posts/<int:pk>/<slug:name>/", views.post_end, name="post_end"),
    path("responsibility/assignments/<int:pk>/", field_views.assignment, name="assignment"),
    path("responsibility/assignments/<int:pk>/end/", views.assignment_end, name="assignment_end"),
    path("responsibility/assignments/<int:pk>/<slug:name>/", field_views.entry, name="entry"),
    path("responsibility/leaders/", field_views.LeaderList.as_view(), name="leaders"),
    path("responsibility/officers/", field_views.OfficerList.as_view(), name="officers"),
    path("responsibility/problems/", field_views.ProblemList.as_view(), name="problems"),
    path("responsibility/problems/<int:pk>/solve/", field_views.solve, name="solve"),
    path("responsibility/entries/<slug:name>/<int:pk>/void/", field_views.void, name="void"),
    path("responsibility/matters/", matter_views.RegionList.as_view(), name="matters"),
    path("responsibility/matters/<str:code>/", matter_views.region, name="matter_region"),
    path("responsibility/matters/<str:code>/new/", matter_views.matter_new, name="matter_new"),
    path("responsibility/matters/duties/<int:pk>/<slug:name>/", matter_views.matter_end, name="matter_end"),
    path("responsibility/meetings/", meeting_views.MonthList.as_view(), name="meetings"),
    path("responsibility/meetings/all/", meeting_views.MeetingList.as_view(), name="meeting_list"),
    path("responsibility/meetings/new/", meeting_views.meeting_new, name="meeting_new"),
    path("responsibility/meetings/<int:pk>/", meeting_views.meeting, name="meeting"),
    path("responsibility/meetings/<int:pk>/minutes/", meeting_views.minutes, name="minutes"),
    path("responsibility/meetings/<int:pk>/<slug:name>/", meeting_views.meeting_step, name="meeting_step"),
    path("responsibility/resolutions/<int:pk>/done/", meeting_views.resolution_done, name="resolution_done"),
    path("responsibility/presences/", meeting_views.PresenceList.as_view(), name="presences"),
    path("responsibility/presences/<int:pk>/", meeting_views.presence, name="presence"),
    path("responsibility/teams/", meeting_views.TeamList.as_view(), name="teams"),
    path("responsibility/funds/", fund_views.FundList.as_view(), name="funds"),
    path("responsibility/funds/sums/", fund_views.fund_sums, name="fund_sums"),
    path("responsibility/funds/<str:code>/", fund_views.fund_mine, name="fund_mine"),
    path("responsibility/funds/<str:code>/import/", fund_views.fund_import, name="fund_import"),
    path("responsibility/funds/<str:code>/<slug:name>/", fund_views.fund_new, name="fund_new"),
    path("responsibility/spendings/<int:pk>/void/", fund_views.fund_void, name="fund_void"),
]
