from django.apps import AppConfig


class PromisesConfig(AppConfig):
    name = "answerable.promises"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.notices import seams
        from answerable.promises import board

        seams.DIGESTS.append(board.digest)
