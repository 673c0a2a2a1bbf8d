from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "answerable.roster"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.organisation import proposals, seams
        from answerable.roster import chains

        proposals.KINDS[chains.NEW_CHAIN] = chains.KIND
        seams.RESTARTED.append(chains.restarted)
