from django.apps import AppConfig


class SuspicionsConfig(AppConfig):
    name = "kuangan.domains.suspicions"
    label = "suspicions"
    verbose_name = "监测疑点"
    default_auto_field = "django.db.models.BigAutoField"
