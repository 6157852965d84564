from django.apps import AppConfig


class CampaignConfig(AppConfig):
    name = "kuangan.domains.campaign"
    label = "campaign"
    verbose_name = "三年行动"
    default_auto_field = "django.db.models.BigAutoField"
