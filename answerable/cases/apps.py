from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "answerable.cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.cases import erasure
        from answerable.intake import seams

        if erasure.record_kept_until not in seams.KEPT_UNTIL:
            seams.KEPT_UNTIL.append(erasure.record_kept_until)
