from django.apps import AppConfig


class DatalinkConfig(AppConfig):
    name = "kuangan.domains.datalink"
    label = "datalink"
    verbose_name = "数据链路"
