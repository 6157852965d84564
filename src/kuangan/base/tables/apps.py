from django.apps import AppConfig
from django.db.models import CharField


class TablesConfig(AppConfig):
    name = "kuangan.base.tables"
    label = "tables"
    verbose_name = "列表与页面"

    def ready(self) -> None:
        from kuangan.base.tables import lookups

        CharField.register_lookup(lookups.Prefix)
