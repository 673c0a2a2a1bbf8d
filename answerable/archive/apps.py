from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "answerable.archive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.archive import queries
        from answerable.organisation import seams

        seams.CHECKS.append(queries.findings)
