from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "kuangan.base.compliance"
    verbose_name = "条款"
    label = "compliance"
    default_auto_field = "django.db.models.BigAutoField"
