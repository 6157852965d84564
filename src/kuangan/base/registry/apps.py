from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "kuangan.base.registry"
    label = "registry"
    verbose_name = "矿山登记"
