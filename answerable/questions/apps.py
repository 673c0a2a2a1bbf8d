from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "answerable.questions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.organisation import proposals
        from answerable.questions import actions

        proposals.KINDS[actions.PUBLISH] = proposals.Kind(
            actions.TITLE,
            actions.PROPOSERS,
            actions.CONFIRMERS,
            actions.show_proposal,
            actions.apply_proposal,
        )
