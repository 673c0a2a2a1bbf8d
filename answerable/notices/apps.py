from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "answerable.notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from answerable.notices import actions, deciding
        from answerable.organisation import seams

        if actions.tell_of_sign_in not in seams.SIGN_IN_EVENTS:
            seams.SIGN_IN_EVENTS.append(actions.tell_of_sign_in)
        if deciding.tell not in seams.PROPOSED:
            seams.PROPOSED.append(deciding.tell)
