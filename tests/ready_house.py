"""What the people of a new organisation do in their browsers, in one go: `python -m tests.ready_house SLUG`, JSON out."""

import json
import sys


def ready(slug: str) -> dict[str, object]:
    """A lead, a handler, an external member and an overseer; keys, the first list of readers, open doors."""
    from answerable_protocol.encoding import base64url_encode, id_text
    from django.utils import timezone

    from answerable.intake.tests import world
    from answerable.intake.tests.stage import Stage
    from answerable.organisation import actions
    from answerable.organisation.models import Organisation
    from answerable.roster import actions as rosters
    from answerable.roster import queries

    now = timezone.now()
    organisation = Organisation.objects.get(slug=slug)
    people = {}
    for role in ("lead", "handler", "external", "overseer"):
        person = actions.add_person(organisation, name_en=role, name_zh=role, email=f"{role}@{slug}.example")
        actions.give_role(person, role, by=None, now=now)
        people[role] = person
    stage = Stage(organisation, people)
    for role, person in people.items():
        stage.add_handler(role, person, now)
    note = world.signed_roster(organisation.slug, organisation.origin, stage.members())
    rosters.publish_first(organisation, note, now=now)
    actions.open_unchecked(organisation, now=now)
    current = queries.current(organisation.pk)
    assert current
    ids = {role: id_text(person.pk.bytes) for role, person in people.items()}
    return {"ids": ids, "roster": base64url_encode(current.roster.sha256)}


def has(case: str) -> bool:
    """Whether a case is in the database."""
    from uuid import UUID

    from answerable_protocol.encoding import base64url_decode

    from answerable.intake.models import Case

    return Case.objects.filter(pk=UUID(bytes=base64url_decode(case))).exists()


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(has(sys.argv[2]) if sys.argv[1] == "--has" else ready(sys.argv[1])))
