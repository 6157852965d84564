from django.apps import AppConfig


class CaseConfig(AppConfig):
    name = "kuangan.base.case"
    verbose_name = "案件"
    label = "case"
