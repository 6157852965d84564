from django.apps import AppConfig


class ResponsibilityConfig(AppConfig):
    name = "kuangan.domains.responsibility"
    label = "responsibility"
    verbose_name = "责任"
    default_auto_field = "django.db.models.BigAutoField"
