from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "kuangan.base.audit"
    verbose_name = "审计"
    label = "audit"
