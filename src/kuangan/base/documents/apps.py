from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "kuangan.base.documents"
    verbose_name = "文档"
    label = "documents"
