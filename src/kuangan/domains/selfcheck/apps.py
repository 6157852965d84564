from django.apps import AppConfig


class SelfcheckConfig(AppConfig):
    name = "kuangan.domains.selfcheck"
    label = "selfcheck"
    verbose_name = "自查与全覆盖"
    default_auto_field = "django.db.models.BigAutoField"
