from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "answerable.setup"
    label = "answerable_setup"

    def ready(self) -> None:
        from answerable.organisation import proposals, seams
        from answerable.setup import actions, showing

        for step, title in actions.KINDS.items():
            proposals.KINDS[f"setup-{step}"] = proposals.Kind(
                title, frozenset({"administrator"}), actions.BOTH, showing.rows, actions.apply_proposal
            )
        seams.READINESS.append(showing.roster_lines)
