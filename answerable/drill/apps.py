from django.apps import AppConfig


class DrillConfig(AppConfig):
    name = "answerable.drill"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.drill import checks, queries
        from answerable.organisation import seams

        seams.CHECKS.append(checks.drill)
        seams.HEALTH.append(queries.of)
