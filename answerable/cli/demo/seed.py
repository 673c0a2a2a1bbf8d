"""Plays the demo organisation's weeks through the real actions, with past times as arguments."""

import gzip
import hashlib
import json
from base64 import b32encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from answerable_protocol.encoding import base64url_decode, id_bytes
from django.conf import settings

from answerable.cases import actions as cases
from answerable.cli.demo import content
from answerable.cli.demo.make_fixture import FIXTURE, ORIGIN, person_id
from answerable.intake import actions as intake
from answerable.intake.models import Case
from answerable.intake.receiving import Submit
from answerable.ledger import actions as ledger
from answerable.ledger import sequencer
from answerable.notices import actions as notices
from answerable.organisation import actions as organisations
from answerable.organisation.models import Organisation, Person
from answerable.promises import actions as promises
from answerable.questions import actions as questions
from answerable.roster import actions as rosters

CHUNK = 1024 * 1024
SOWN = "demo-is-whole"
SLUG = content.ORGANISATION["slug"]


@cache
def fixture() -> dict[str, Any]:
    """The committed keys and sealed texts."""
    made: dict[str, Any] = json.loads(gzip.decompress(FIXTURE.read_bytes()))
    return made


def there() -> bool:
    """Whether the demo organisation is in this data folder, whole."""
    return (settings.ANSWERABLE_DATA / SOWN).exists()


def password() -> str:
    """Everybody's."""
    return content.PASSWORD


def _secret(key: str) -> bytes:
    return hashlib.sha256(f"answerable demo code {key}".encode()).digest()[:20]


def cast() -> list[dict[str, Any]]:
    """Who can sign in: {name, duty, role, email, secret, phrase or None}."""
    phrases = {made["key"]: made["phrase"] for made in fixture()["people"]}
    return [
        {**person, "secret": _secret(person["key"]), "phrase": phrases.get(person["key"])}
        for person in content.PEOPLE
    ]


def known_words() -> list[dict[str, Any]]:
    """The reporters' twelve words: {key, language, words}."""
    made = {case["key"]: case["words"] for case in fixture()["cases"]}
    return [
        {"key": case["key"], "language": case["language"], "words": " ".join(made[case["key"]])}
        for case in content.CASES
    ]


def sign_ins() -> str:
    """A short table for the terminal; the page /demo has the rest."""
    rows = [f"  {'Role':14}{'Sign in as':36}Unlock phrase"]
    rows += [
        f"  {person['role']:14}{person['email']:36}{person['phrase'] or '(no key)'}" for person in cast()
    ]
    words = known_words()[0]["words"]
    return "\n".join(
        [*rows, "", f"  Password of all   {password()}   (codes: /demo)", f"  A reporter's words   {words}"]
    )


def sow(now: datetime) -> None:
    """Make the organisation, its people, their keys and eight cases; the clock runs through every hour between."""
    began = now - timedelta(days=30)
    organisation = _organisation(began)
    people = _people(organisation, began)
    _roster(organisation, people, began)
    questions.ask(questions.make(organisation, content.QUESTIONS, by=people["emeka"], now=began), now=began)
    organisations.open_unchecked(organisation, now=began)
    organisation.refresh_from_db()
    _weeks(organisation, people, now)
    (settings.ANSWERABLE_DATA / SOWN).touch()


def _organisation(now: datetime) -> Organisation:

    wanted = content.ORGANISATION
    made = organisations.create_organisation(
        slug=SLUG,
        name_en=wanted["name"]["en"],
        name_zh=wanted["name"]["zh"],
        origin=ORIGIN,
        time_zone=wanted["time_zone"],
        languages=wanted["languages"],
        jurisdictions=wanted["jurisdictions"],
        outside_contact=wanted["outside_contact"],
        leave_url=wanted["leave_url"],
    )
    ledger.create_log(made, now)
    return made


def _people(organisation: Organisation, now: datetime) -> dict[str, Person]:
    made = {}
    for person in content.PEOPLE:
        one = organisations.add_person(
            organisation,
            person_id=person_id(person["key"]),
            name_en=person["name"]["en"],
            name_zh=person["name"]["zh"],
            duty_en=person["duty"]["en"],
            duty_zh=person["duty"]["zh"],
            email=person["email"],
            languages=person["languages"],
        )
        organisations.give_role(one, person["role"], by=None, now=now)
        secret = b32encode(_secret(person["key"])).decode()
        organisations.make_account(one, password=content.PASSWORD, totp_secret=secret, now=now)
        made[person["key"]] = one
    return made


def _roster(organisation: Organisation, people: dict[str, Person], now: datetime) -> None:
    for made in fixture()["people"]:
        wrapped = rosters.Wrapped(kind="passphrase", label="Demo", file=base64url_decode(made["wrapped"]))
        rosters.register_key(
            people[made["key"]],
            recipient_text=made["recipient"],
            sign=made["sign"],
            wrapped=[wrapped],
            now=now,
        )
    rosters.publish_first(organisation, fixture()["roster"], now=now)


def _weeks(organisation: Organisation, people: dict[str, Person], now: datetime) -> None:
    """Everything that happened, in order of time, with the keeper's sweep in every hour between."""
    events = sorted(_events(organisation, people, now), key=lambda event: event[0])
    clock = events[0][0]
    for at, happen in events:
        while clock < at:
            promises.sweep(clock)
            clock += timedelta(hours=1)
        happen(at)
    while clock < now:
        promises.sweep(clock)
        clock += timedelta(hours=1)
    promises.sweep(now)
    ledger.publish(now)
    notices.deliver(now)


def _events(
    organisation: Organisation, people: dict[str, Person], now: datetime
) -> Iterator[tuple[datetime, Callable[[datetime], object]]]:
    """(time, what to do at it), in no order."""
    sealed = {case["key"]: case for case in fixture()["cases"]}
    for case in content.CASES:
        made = sealed[case["key"]]
        yield now - case["ago"], partial(_receive, organisation, made)
        for (by, ago, *_), message in zip(case["messages"], made["messages"], strict=True):
            yield now - ago, partial(_say, organisation, people.get(by), made["case"], message)
        for (by, ago, _), note in zip(case["notes"], made["notes"], strict=True):
            yield now - ago, partial(_note, people[by], made["case"], note)


def _submit(now: datetime) -> Submit:
    """A batch writer whose clock stands at a past moment."""
    return sequencer.Sequencer(clock=lambda: now).submit


def _receive(organisation: Organisation, made: dict[str, Any], at: datetime) -> None:
    intake.receive_report(organisation, made["case"], made["body"], now=at, worked=False, submit=_submit(at))
    for file in made["files"]:
        data = base64url_decode(file["file"])
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            chunk = intake.Chunk(start, start + len(part) - 1, len(data), hashlib.sha256(part).digest(), part)
            intake.receive_chunk(organisation, _uuid(made["case"]), base64url_decode(file["sha256"]), chunk)
    intake.announce(at)


def _say(
    organisation: Organisation, by: Person | None, case: str, message: dict[str, Any], at: datetime
) -> None:
    if by is None:
        intake.add_message(Case.objects.get(pk=_uuid(case)), organisation, message, submit=_submit(at))
    else:
        cases.answer(by, case, message, submit=_submit(at))
    intake.announce(at)


def _note(by: Person, case: str, note: dict[str, Any], at: datetime) -> None:
    cases.note(by, case, {"file": note["file"], "attachments": []}, now=at)


def _uuid(case: str) -> UUID:
    return UUID(bytes=id_bytes(case))
