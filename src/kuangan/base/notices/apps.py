from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "kuangan.base.notices"
    verbose_name = "通知"
    label = "notices"
