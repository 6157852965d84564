from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "kuangan.domains.rulebook"
    label = "rulebook"
    verbose_name = "规则"
