from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "kuangan.base.deadlines"
    verbose_name = "时限"
    label = "deadlines"
