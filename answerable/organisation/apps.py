from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "answerable.organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.organisation import ladder, proposals, trusting

        proposals.KINDS.update(ladder.KINDS)
        proposals.KINDS[trusting.SWITCH_ON] = trusting.KIND
