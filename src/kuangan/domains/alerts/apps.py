from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "kuangan.domains.alerts"
    label = "alerts"
    verbose_name = "监测告警"
    default_auto_field = "django.db.models.BigAutoField"
