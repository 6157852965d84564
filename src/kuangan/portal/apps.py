from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "kuangan.portal"
    label = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from kuangan.domains.datalink import reported
        from kuangan.portal.judged import judged_spans

        reported.install(judged_spans)
