"""Run as a process: migrates, makes the organisation, prints what a maker of submissions must know as JSON."""

import json
import os


def main() -> None:
    """Panel of four, the roster's hash, the organisation's id."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.server.settings")
    import django

    django.setup()
    from answerable_protocol.encoding import base64url_encode
    from django.utils import timezone

    from answerable.cli.run import migrate
    from answerable.intake.tests.stage import Stage
    from answerable.organisation import actions

    migrate()
    now = timezone.now()
    made = actions.create_organisation(
        slug="bench",
        name_en="Bench",
        name_zh="基准",
        origin="localhost/log/bench",
        jurisdictions=[{"id": "IE", "name": {"en": "Ireland", "zh": "爱尔兰"}}],
    )
    people = {}
    for key, role in [
        ("lead", "lead"),
        ("lead2", "lead"),
        ("h1", "handler"),
        ("h2", "handler"),
        ("h3", "handler"),
        ("ext", "external"),
        ("over1", "overseer"),
        ("over2", "overseer"),
    ]:
        people[key] = actions.add_person(made, name_en=key, name_zh=key, email=f"{key}@bench.example")
        actions.give_role(people[key], role, by=None, now=now)
    stage = Stage.set(made, people, now)
    ids = {key: stage.id(key) for key in people}
    facts = {"organisation": str(made.pk), "roster": base64url_encode(stage.roster), "ids": ids}
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
