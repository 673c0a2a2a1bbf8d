"""Puts an organisation on the stage through the real actions: log, keys, roster, open doors; and talks to it over HTTP."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from answerable_protocol.encoding import id_text, sha256
from django.http import HttpResponse
from django.test import Client

from answerable.intake.tests import world
from answerable.intake.tests.world import Handler, Reporter, b64
from answerable.ledger import actions as ledger
from answerable.organisation import actions as organisations
from answerable.organisation.models import Organisation, Person
from answerable.roster import actions as rosters
from answerable.roster import queries as roster_queries

SCRYPT_FILE = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 17\n"


@dataclass
class Stage:
    """An organisation that takes reports, and the keys of its handlers by id."""

    organisation: Organisation
    people: dict[str, Person]
    handlers: dict[str, Handler] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    @classmethod
    def set(cls, organisation: Organisation, people: dict[str, Person], now: datetime) -> "Stage":
        """Keys for everyone who can have one, a first roster of all, doors open."""
        stage = cls(organisation, people)
        ledger.create_log(organisation, now)
        for key, person in people.items():
            stage.add_handler(key, person, now)
        note = world.signed_roster(organisation.slug, organisation.origin, stage.members())
        rosters.publish_first(organisation, note, now=now)
        organisations.open_unchecked(organisation, now=now)
        organisation.refresh_from_db()
        return stage

    def add_handler(self, key: str, person: Person, now: datetime) -> None:
        """Make and register somebody's keys, if their role has any."""
        role = roster_queries.roster_role({each.role for each in person.roles.all()})
        if role is None:
            return
        made = Handler(id_text(person.pk.bytes), role, person.name, person.duty, tuple(person.languages))
        self.handlers[key] = made
        if role != "overseer":
            wrapped = [rosters.Wrapped("passphrase", "Words", SCRYPT_FILE)]
            rosters.register_key(
                person, recipient_text=made.recipient, sign=made.sign, wrapped=wrapped, now=now
            )

    def members(self) -> list[Handler]:
        """Everyone for the roster."""
        return list(self.handlers.values())

    def id(self, key: str) -> str:
        """Somebody's id text."""
        return id_text(self.people[key].pk.bytes)

    @property
    def roster(self) -> bytes:
        """The SHA-256 of the newest roster."""
        found = roster_queries.current(self.organisation.pk)
        assert found
        return found.roster.sha256

    def reporter(self) -> Reporter:
        """Somebody new."""
        return Reporter(self.organisation.slug)

    def body(self, reporter: Reporter, **more: Any) -> dict[str, Any]:
        """A valid report of hers, with its proof of work."""
        panel = more.pop("panel", ["handler", "external"])
        parts = {
            "roster": self.roster,
            "panel": sorted(self.id(each) for each in panel),
            "reach": [[self.id("lead")], [self.id("overseer")], []],
            "externals": sum(each == "external" for each in panel),
        } | more
        return reporter.report(**parts) | {"pow": self.work()}

    def work(self) -> dict[str, Any]:
        """Done work for a new challenge."""
        return world.solve(self.get("challenge").json())

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET of the reporter's API."""
        return self.client.get(self.url(path), headers=headers)

    def url(self, path: str) -> str:
        """An address of the reporter's API."""
        return f"/api/v1/orgs/{self.organisation.slug}/{path}".rstrip("/")

    def put(self, path: str, body: Any) -> HttpResponse:
        """PUT of JSON, or of bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.put(self.url(path), data, content_type="application/json")

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """POST of JSON."""
        return self.client.post(
            self.url(path), json.dumps(body), content_type="application/json", headers=headers
        )

    def send(self, reporter: Reporter, **more: Any) -> HttpResponse:
        """Send a valid report."""
        return self.put(f"cases/{reporter.case_text}", self.body(reporter, **more))

    def sent(self, **more: Any) -> Reporter:
        """A reporter whose report was received."""
        reporter = self.reporter()
        answer = self.send(reporter, **more)
        assert answer.status_code == 201, answer.content
        return reporter

    def token(self, reporter: Reporter) -> str:
        """Open her mailbox."""
        nonce = self.post("mailbox/challenge", {"case": reporter.case_text}).json()["nonce"]
        answer = self.post("mailbox/open", reporter.login(nonce))
        assert answer.status_code == 200, answer.content
        return str(answer.json()["token"])

    def mailbox(self, reporter: Reporter) -> dict[str, Any]:
        """Everything that she sees."""
        answer = self.get("mailbox", Authorization=f"Bearer {self.token(reporter)}")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def write(self, reporter: Reporter, body: dict[str, Any]) -> HttpResponse:
        """Send a message of hers."""
        return self.post("mailbox/messages", body, Authorization=f"Bearer {self.token(reporter)}")

    def worked(self, reporter: Reporter, handler: "Desk") -> None:
        """An answer that keeps a promise, a note, a flag, a message of hers, and a changed panel."""
        assert handler.answer(reporter, kind="owner", promises=["own-owner"]).status_code == 201
        note = {"file": b64(world.envelope("note", 2)), "attachments": []}
        assert handler.post(f"cases/{reporter.case_text}/notes", note).status_code == 201
        assert handler.post(f"cases/{reporter.case_text}/flags", {"code": "late"}).status_code == 201
        assert self.write(reporter, reporter.message()).status_code == 201
        assert handler.keys
        panel = [self.id(each) for each in ("external", "handler", "lead")]
        change = handler.keys.panel_change(self.organisation.slug, reporter.case_text, panel, 1)
        assert handler.post(f"cases/{reporter.case_text}/panel", change).status_code == 201

    def chunk(
        self, where: str, data: bytes, start: int, total: int, *, said: bytes | None = None
    ) -> HttpResponse:
        """PUT of one chunk; `said` is another hash than its own."""
        return self.client.put(
            self.url(where),
            data,
            content_type="application/octet-stream",
            headers={
                "Content-Range": f"bytes {start}-{start + len(data) - 1}/{total}",
                "X-Chunk-SHA256": b64(sha256(data) if said is None else said),
            },
        )


class Desk:
    """A handler at the console."""

    def __init__(self, stage: Stage, key: str, client: Client) -> None:
        self.stage, self.keys, self.client = stage, stage.handlers.get(key), client

    def url(self, path: str) -> str:
        """An address of the handlers' API."""
        return f"/work/{self.stage.organisation.slug}/api/v1/{path}"

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET."""
        return self.client.get(self.url(path), headers=headers)

    def post(self, path: str, body: Any) -> HttpResponse:
        """POST of JSON."""
        return self.client.post(self.url(path), json.dumps(body), content_type="application/json")

    def answer(self, reporter: Reporter, **parts: Any) -> HttpResponse:
        """A signed message; the labels of the promises it keeps are made as a browser would."""
        assert self.keys
        parts.setdefault("kept", {each: reporter.kept_label(each) for each in parts.get("promises", ())})
        body = self.keys.message(self.stage.organisation.slug, reporter.case_text, **parts)
        return self.post(f"cases/{reporter.case_text}/messages", body)
