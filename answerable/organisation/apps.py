from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "answerable.organisation"
    default_auto_field = "django.db.models.BigAutoField"
