from django.apps import AppConfig


class PromisesConfig(AppConfig):
    name = "answerable.promises"
    default_auto_field = "django.db.models.BigAutoField"
