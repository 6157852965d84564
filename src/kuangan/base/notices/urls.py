from django.urls import path

from kuangan.base.notices import views

app_name = "notices"
urlpatterns = [path("answer/<str:token>/", views.answer, name="answer")]
