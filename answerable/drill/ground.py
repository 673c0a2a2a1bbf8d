"""The ground of the drill: an organisation of its own with one reader, a machine.

Its key lies on the server, so it must never stand on a roster that a reporter could choose from: hence an organisation
apart, which says in its name that nobody reads there.
"""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime

from answerable_protocol import roster as rosters
from answerable_protocol.ed25519 import Signer
from answerable_protocol.encoding import base64url_encode, id_text
from django.conf import settings
from django.db import transaction

from answerable.drill import rules
from answerable.drill.errors import Failed
from answerable.drill.models import Ground
from answerable.drill.sealing import Identity
from answerable.ledger import actions as ledger
from answerable.organisation import actions as organisations
from answerable.organisation import secretbox
from answerable.organisation.errors import Unreadable
from answerable.organisation.models import Organisation, Person
from answerable.roster import actions as roster

__all__ = ["Reader", "reader"]

_NOTHING = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 17\n"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads drills, with both keys."""

    organisation: Organisation
    person: Person
    identity: Identity
    signer: Signer

    @property
    def id(self) -> str:
        return id_text(self.person.pk.bytes)


def reader(like: Organisation, now: datetime) -> Reader:
    """The reader; the ground is laid at the first call, its log named beside the one of `like`. Raises Failed."""
    found = Ground.objects.select_related("organisation", "handler").first() or _lay(like, now)
    try:
        keys = json.loads(secretbox.unseal(found.sealed, purpose="drill"))
    except (Unreadable, ValueError):
        raise Failed("keys") from None
    seeds = [base64.b64decode(keys[name]) for name in ("identity", "signer")]
    return Reader(found.organisation, found.handler, Identity(seeds[0]), Signer(seeds[1]))


@transaction.atomic
def _lay(like: Organisation, now: datetime) -> Ground:
    host = like.origin.partition("/")[0]
    made = organisations.create_organisation(
        slug=rules.SLUG,
        name_en="Daily drill: nobody reads here",
        name_zh="每日演练：这里没有人看",
        origin=f"{host}/log/{rules.SLUG}",
    )
    person = organisations.add_person(
        made, name_en="A machine", name_zh="一台机器", email="", languages=["en", "zh"]
    )
    organisations.give_role(person, "handler", by=None, now=now)
    ledger.create_log(made, now)
    seeds = {name: os.urandom(32) for name in ("identity", "signer")}
    identity, signer = Identity(seeds["identity"]), Signer(seeds["signer"])
    public = base64url_encode(signer.public)
    # Nobody signs in as this reader, so no file unlocks its key: this one is a header and nothing more.
    nothing = roster.Wrapped("passphrase", "none", _NOTHING)
    roster.register_key(person, recipient_text=identity.recipient, sign=public, wrapped=[nothing], now=now)
    member = rosters.Member(
        id=id_text(person.pk.bytes),
        name=person.name,
        duty={"en": "Reads drills", "zh": "看演练"},
        languages=("en", "zh"),
        role="handler",
        recipient=identity.recipient,
        sign=signer.public,
        since=now.date(),
    )
    text = rosters.text(made.slug, 0, None, [member])
    signed = rosters.assemble(text, [rosters.sign(text, made.origin, member.id, signer)])
    roster.publish_first(made, signed.decode(), now=now)
    organisations.open_unchecked(made, now=now)
    sealed = {name: base64.b64encode(seed).decode() for name, seed in seeds.items()}
    return Ground.objects.create(
        organisation=made, handler=person, sealed=secretbox.seal(json.dumps(sealed), purpose="drill")
    )


def base_url() -> str:
    """Where our own server is spoken to."""
    return settings.DRILL_URL or f"http://{settings.LISTEN_HOST}:{settings.LISTEN_PORT}"
