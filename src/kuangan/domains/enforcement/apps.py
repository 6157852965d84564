from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "kuangan.domains.enforcement"
    label = "enforcement"
    verbose_name = "监管执法"
    default_auto_field = "django.db.models.BigAutoField"
