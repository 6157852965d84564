from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "kuangan.domains.operations"
    label = "operations"
    verbose_name = "报备与安全避险"
    default_auto_field = "django.db.models.BigAutoField"
