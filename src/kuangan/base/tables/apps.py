from django.apps import AppConfig


class TablesConfig(AppConfig):
    name = "kuangan.base.tables"
    label = "tables"
    verbose_name = "列表与页面"
