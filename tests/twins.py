"""Two organisations in one installation, made by the real actions: `python -m tests.twins`, JSON out.

Both take reports, both have a handler who can sign in, and each has a case with a file and a closed door to the other.
"""

import hashlib
import json
import os
from base64 import b32encode
from typing import Any

PASSWORD = "a long enough harbour phrase"


def secret(slug: str, key: str) -> bytes:
    """Of somebody's authenticator."""
    return hashlib.sha256(f"{slug} {key}".encode()).digest()[:20]


def make(slug: str, host: str | None) -> dict[str, Any]:
    """One organisation with a case; everything a stranger could try to use elsewhere."""
    from answerable_protocol.ed25519 import Signer
    from answerable_protocol.encoding import base64url_encode, id_text, sha256
    from django.utils import timezone

    from answerable.intake import actions as intake
    from answerable.intake.tests import world
    from answerable.intake.tests.stage import Stage
    from answerable.organisation import actions

    now = timezone.now()
    made = actions.create_organisation(
        slug=slug, name_en=f"Name of {slug}", name_zh=f"{slug}之名", origin=f"localhost/log/{slug}", host=host
    )
    people = {}
    for key, role in [
        ("lead", "lead"),
        ("handler", "handler"),
        ("external", "external"),
        ("overseer", "overseer"),
        ("administrator", "administrator"),
    ]:
        person = actions.add_person(
            made, name_en=f"{key} of {slug}", name_zh=f"{slug}{key}", email=f"{key}@{slug}.example"
        )
        actions.give_role(person, role, by=None, now=now)
        code = b32encode(secret(slug, key)).decode()
        actions.make_account(person, password=PASSWORD, totp_secret=code, now=now)
        people[key] = person
    stage = Stage.set(made, people, now)
    seed = os.urandom(32)
    reporter = world.Reporter(slug, signer=Signer(seed))
    file = world.envelope("attachment", 1, 100)
    body = reporter.report(
        roster=stage.roster,
        panel=sorted(stage.id(key) for key in ("handler", "external")),
        reach=[[stage.id("lead")], [stage.id("overseer")], []],
        externals=1,
        attachments=[file],
    )
    intake.receive_report(made, reporter.case_text, body, now=now, worked=False)
    chunk = intake.Chunk(0, len(file) - 1, len(file), sha256(file), file)
    intake.receive_chunk(made, world_uuid(reporter.case), sha256(file), chunk)
    return {
        "slug": slug,
        "id": str(made.pk),
        "case": reporter.case_text,
        "file": base64url_encode(sha256(file)),
        "bytes": base64url_encode(file),
        "seed": base64url_encode(seed),
        "people": {
            key: {"uuid": str(person.pk), "id": id_text(person.pk.bytes)} for key, person in people.items()
        },
        "body": body,
    }


def world_uuid(case: bytes) -> Any:
    from uuid import UUID

    return UUID(bytes=case)


def main() -> None:
    """Harbour and Meadow share every host; Orchard has one of its own."""
    import django

    django.setup()
    from answerable.cli.run import migrate
    from answerable.ledger import sequencer

    migrate()
    made = [make("harbour", None), make("meadow", None), make("orchard", "orchard.localhost")]
    sequencer.stop()
    print(json.dumps({each["slug"]: each for each in made}))


if __name__ == "__main__":
    main()
