from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "kuangan.portal"
    label = "portal"
    verbose_name = "门户"
