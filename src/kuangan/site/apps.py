from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kuangan.site"
    label = "kuangan_site"
    verbose_name = "站点"

    def ready(self) -> None:
        from kuangan.base.case import flow
        from kuangan.portal import menu
        from kuangan.site import wiring

        menu.install(wiring.MENU)
        flow.install(wiring.FLOWS)
