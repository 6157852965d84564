"""Addresses of this room."""

from django.urls import path

from kuangan.domains.duty import bulletin_views, call_views, drill_views, handover_views, views
from kuangan.domains.duty.weather import entry_views
from kuangan.domains.duty.weather import views as weather

app_name = "duty"
urlpatterns = [
    path("duty/", views.today, name="today"),
    path("duty/rosters/", views.ShiftList.as_view(), name="rosters"),
    path("duty/rosters/import/", views.roster_import, name="roster_import"),
    path("duty/rosters/<int:pk>/", views.roster, name="roster"),
    path("duty/shifts/new/", views.shift_new, name="shift_new"),
    path("duty/shifts/<int:pk>/edit/", views.shift_edit, name="shift_edit"),
    path("duty/shifts/<int:pk>/withdraw/", views.shift_withdraw, name="shift_withdraw"),
    path("duty/contacts/", views.ContactList.as_view(), name="contacts"),
    path("duty/contacts/new/", views.contact_new, name="contact_new"),
    path("duty/contacts/<int:pk>/edit/", views.contact_edit, name="contact_edit"),
    path("duty/contacts/<int:pk>/end/", views.contact_end, name="contact_end"),
    path("duty/cases/<str:number>/panel", views.panel, name="panel"),
    path("duty/callouts/", call_views.CallOutList.as_view(), name="callouts"),
    path("duty/callouts/new/", call_views.callout_new, name="callout_new"),
    path("duty/callouts/<str:number>/", call_views.callout_page, name="callout"),
    path("duty/callouts/<str:number>/call", call_views.callout_call, name="callout_call"),
    path("duty/callouts/<str:number>/step/<slug:name>", call_views.callout_step, name="callout_step"),
    path("duty/calls/<int:pk>/mark", call_views.call_mark, name="call_mark"),
    path("duty/handovers/", handover_views.HandoverList.as_view(), name="handovers"),
    path("duty/handovers/new/", handover_views.handover_new, name="handover_new"),
    path("duty/handovers/<str:number>/", handover_views.handover_page, name="handover"),
    path("duty/handovers/<str:number>/sheet/", handover_views.handover_sheet, name="handover_sheet"),
    path("duty/handovers/<str:number>/step/<slug:name>", handover_views.handover_step, name="handover_step"),
    path("duty/instructions/", handover_views.InstructionList.as_view(), name="instructions"),
    path("duty/instructions/new/", handover_views.instruction_new, name="instruction_new"),
    path("duty/instructions/<int:pk>/", handover_views.instruction_done, name="instruction_done"),
    path("duty/bulletins/", bulletin_views.BulletinList.as_view(), name="bulletins"),
    path("duty/bulletins/new/", bulletin_views.bulletin_new, name="bulletin_new"),
    path("duty/bulletins/<int:pk>/", bulletin_views.bulletin_page, name="bulletin"),
    path("duty/bulletins/<int:pk>/docx", bulletin_views.bulletin_docx, name="bulletin_docx"),
    path("duty/bulletins/<int:pk>/figures/<slug:name>/", bulletin_views.bulletin_figure, name="bulletin_figure"),
    path("duty/drills/", drill_views.DrillList.as_view(), name="drills"),
    path("duty/drills/new/", drill_views.drill_new, name="drill_new"),
    path("duty/drills/<str:number>/", drill_views.drill_page, name="drill"),
    path("duty/weather/", weather.WarningList.as_view(), name="weather"),
    path("duty/weather/new/", entry_views.weather_new, name="weather_new"),
    path("duty/weather/upload/", entry_views.weather_upload, name="weather_upload"),
    path("duty/weather/offers/", entry_views.OfferList.as_view(), name="weather_offers"),
    path("duty/weather/offers/<int:pk>/file", entry_views.weather_offer, name="weather_offer"),
    path("duty/weather/messages", entry_views.weather_post, name="weather_post"),
    path("duty/weather/<int:pk>/", weather.weather_warning, name="weather_warning"),
    path("duty/weather/<int:pk>/cancel", entry_views.weather_cancel, name="weather_cancel"),
    path("duty/weather/<int:pk>/call", weather.weather_call, name="weather_call"),
    path("duty/weather/<int:pk>/draw", weather.weather_draw, name="weather_draw"),
    path("duty/weather/checks/<int:pk>/", weather.weather_check, name="weather_check"),
    path("duty/weather/cases/<str:number>/", weather.weather_case, name="weather_case"),
    path("duty/weather/cases/<str:number>/order/", weather.weather_order, name="weather_order"),
    path("duty/weather/cases/<str:number>/step/<slug:name>", weather.weather_step, name="weather_step"),
]
