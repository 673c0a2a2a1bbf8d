"""Setting up an organisation: the one-time code, the answers, making it; and changing it afterwards."""

import contextlib
import hashlib
import os
import secrets
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F

from answerable.ledger import actions as ledger
from answerable.notices import actions as notices
from answerable.notices.errors import NoticeError
from answerable.organisation import actions as organisations
from answerable.organisation import proposals, queries
from answerable.organisation import rules as people
from answerable.organisation.errors import AlreadyThere, NotAllowed
from answerable.organisation.models import Mark, Organisation, Person, Proposal, Setup
from answerable.questions import actions as own_questions
from answerable.setup import configuration, places, rules
from answerable.setup.errors import BadConfiguration, MailTrouble, NothingRuns, TooMany, WrongCode

BOTH: Final = frozenset({"administrator", "overseer"})


class Made(NamedTuple):
    """A new organisation, and its first administrators with the token of each one's invitation."""

    organisation: Organisation
    invited: list[tuple[Person, str]]


# --- the code ---


def code_file() -> Path:
    """Where the code lies until it is used, for the operator alone."""
    return Path(settings.ANSWERABLE_DATA) / "setup-code"


def begin(now: datetime) -> str:
    """A new one-time code. An earlier one stops working, and so does the browser that used it; its answers stay."""
    code = rules.code_text(secrets.randbits(5 * rules.CODE_LETTERS))
    fresh = {
        "code_sha256": _hash(code),
        "made_at": now,
        "ends_at": now + rules.CODE_LASTS,
        "holder_sha256": None,
        "wrong": 0,
        "wrong_since": None,
    }
    with transaction.atomic():
        Setup.objects.update_or_create(running=True, defaults=fresh)
        path = code_file()
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(code + "\n")
    return code


def begin_if_empty(now: datetime) -> str | None:
    """At start: a code where there is no organisation yet, nor a code that still works, nor somebody at work with it."""
    if Organisation.objects.exists():
        return None
    running = Setup.objects.filter(running=True).first()
    if running and (running.holder_sha256 or (running.ends_at > now and code_file().exists())):
        return None
    return begin(now)


def redeem(typed: str, *, now: datetime) -> str:
    """Use the code up; the key by which this browser goes on. Raises WrongCode, TooMany.

    A hundred bits can't be guessed; that tries are limited keeps the guessing itself from being a burden.
    """
    running = Setup.objects.filter(running=True).first()
    if running is None:
        raise WrongCode("no set-up runs")
    if rules.too_many(running.wrong, running.wrong_since, now):
        raise TooMany("wrong codes")
    key = secrets.token_urlsafe(32)
    mine = Setup.objects.filter(running=True, code_sha256=_hash(rules.code_typed(typed)), ends_at__gt=now)
    if not mine.update(code_sha256=None, holder_sha256=_hash(key), wrong=0, wrong_since=None):
        _count_wrong(now)
        raise WrongCode("wrong code")
    with contextlib.suppress(OSError):
        code_file().unlink(missing_ok=True)
    return key


def _count_wrong(now: datetime) -> None:
    running = Setup.objects.filter(running=True)
    if not running.filter(wrong_since__gt=now - rules.WRONG_WITHIN).update(wrong=F("wrong") + 1):
        running.update(wrong=1, wrong_since=now)


def held(key: str | None) -> Setup:
    """The set-up that this browser may go on with. Raises NothingRuns."""
    found = Setup.objects.filter(running=True, holder_sha256=_hash(key)).first() if key else None
    if found is None:
        raise NothingRuns("set-up")
    return found


@transaction.atomic
def save(setup: Setup, step: str, answer: Mapping[str, Any]) -> None:
    """Keep one answer. Another choice of places asks for the time zones again. Raises NothingRuns."""
    found = Setup.objects.select_for_update().filter(pk=setup.pk, running=True).first()
    if found is None:
        raise NothingRuns("set-up")
    if step == "places" and found.answers.get("places") != dict(answer):
        found.answers.pop("zones", None)
    answers = {**found.answers, step: dict(answer)}
    Setup.objects.filter(pk=setup.pk).update(answers=answers)
    setup.answers = answers


@transaction.atomic
def finish(setup: Setup, *, site_host: str, now: datetime) -> Made:
    """Make the organisation, once. Raises NothingRuns, BadConfiguration (and then nothing has happened)."""
    found = Setup.objects.select_for_update().filter(pk=setup.pk, running=True).first()
    if found is None:
        raise NothingRuns("set-up")
    made = create(found.answers, site_host=site_host, now=now)
    if not Setup.objects.filter(pk=setup.pk, running=True).update(
        running=None,
        finished_at=now,
        answers={},
        holder_sha256=None,
        code_sha256=None,
        organisation=made.organisation,
    ):
        raise NothingRuns("set-up")
    return made


@transaction.atomic
def create(answers: Mapping[str, Any], *, site_host: str, now: datetime) -> Made:
    """An organisation with its log and its first administrators. Raises BadConfiguration.

    `site_host`: the host of organisations without one of their own; it names the log for good.
    """
    checked, asked = configuration.check(answers), configuration.questions_in(answers)
    address, zones = checked["address"], checked["zones"]
    try:
        organisation = organisations.create_organisation(
            slug=address["slug"],
            host=address["host"],
            origin=rules.origin(address["host"] or site_host, address["slug"]),
            name_en=checked["name"]["name_en"],
            name_zh=checked["name"]["name_zh"],
            languages=checked["languages"]["languages"],
            time_zone=zones["time_zone"],
            jurisdictions=_jurisdictions(checked["places"], zones),
            outside_contact=_contact(checked["contact"]),
            leave_url="",
        )
    except AlreadyThere:
        raise BadConfiguration("address: this short name or host is taken") from None
    _look(organisation, checked["look"])
    if asked:
        own_questions.ask(own_questions.make(organisation, asked, by=None, now=now), now=now)
    ledger.create_log(organisation, now)
    invited = []
    for who in ("first", "second"):
        named = {name: checked["administrators"][f"{who}_{name}"] for name in ("name_en", "name_zh", "email")}
        try:
            person = organisations.add_person(
                organisation, languages=checked["languages"]["languages"], **named
            )
        except AlreadyThere:
            raise BadConfiguration(f"administrators: the {who} address is taken") from None
        organisations.give_role(person, "administrator", by=None, now=now)
        invited.append((person, organisations.invite(person, by=None, now=now)))
    return Made(organisation, invited)


# --- after set-up ---


def change(
    organisation: Organisation, step: str, answer: Mapping[str, Any], *, by: Person, now: datetime
) -> bool:
    """Change a setting: at once, or, for what one administrator may not decide alone, as a proposal. Whether it waits.

    The caller has checked the answer by its form. Raises NotAllowed, AlreadyThere (a proposal of this kind waits).
    """
    if "administrator" not in queries.roles_of(by) or by.organisation_id != organisation.pk:
        raise NotAllowed(people.NOT_AN_ADMINISTRATOR)
    if step in KINDS and organisation.opened_at is not None:
        proposals.propose(organisation, f"setup-{step}", answer, by=by, now=now)
        return True
    with transaction.atomic():
        _apply(organisation, step, answer)
    queries.forget_organisations()
    return False


def apply_proposal(proposal: Proposal, now: datetime) -> None:
    """What a confirmed proposal of ours does. NotAllowed for whose account an administrator has just started again."""
    confirmer = proposal.confirmed_by
    if confirmer is not None and people.held_until(confirmer.restarted_at, now):
        raise NotAllowed(people.RESTARTED)
    _apply(proposal.organisation, proposal.kind.removeprefix("setup-"), proposal.what)


def _apply(organisation: Organisation, step: str, answer: Mapping[str, Any]) -> None:
    mine = Organisation.objects.filter(pk=organisation.pk)
    if step == "name":
        mine.update(name_en=answer["name_en"], name_zh=answer["name_zh"])
    elif step == "languages":
        mine.update(languages=list(answer["languages"]))
    elif step == "look":
        _look(organisation, answer)
    elif step == "contact":
        mine.update(outside_contact=_contact(answer))
    else:
        known = configuration.of(organisation)
        zones = {**known["zones"], **(answer if step == "zones" else {})}
        where = answer if step == "places" else known["places"]
        mine.update(jurisdictions=_jurisdictions(where, zones), time_zone=zones["time_zone"])


def _look(organisation: Organisation, answer: Mapping[str, Any]) -> None:
    png = b64decode(answer["mark"]) if answer["mark"] else b""
    if png:
        Mark.objects.update_or_create(organisation=organisation, defaults={"png": png})
    else:
        Mark.objects.filter(organisation=organisation).delete()
    mark = hashlib.sha256(png).hexdigest() if png else ""
    Organisation.objects.filter(pk=organisation.pk).update(accent=answer["accent"], mark=mark)


def _jurisdictions(where: Mapping[str, Any], zones: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = [places.place(each) for each in where["places"]]
    return [each.as_jurisdiction(zones.get(f"zone_{each.id}") or "") for each in found if each]


def _contact(answer: Mapping[str, Any]) -> dict[str, Any]:
    ways = {way: answer.get(way) or "" for way in ("telephone", "post", "email", "pgp")}
    return {"name": {"en": answer["contact_en"], "zh": answer["contact_zh"]}, **ways}


KINDS: Final = {
    "contact": {"en": "The contact outside the organisation", "zh": "单位以外的联系人"},
    "places": {"en": "Where people work", "zh": "员工所在地"},
    "zones": {"en": "Time zones", "zh": "时区"},
}
"""Settings that a second person confirms once the organisation has opened: reporters rely on them."""


# --- the test mail ---


def send_test_mail(person: Person, *, now: datetime) -> str:
    """Send this administrator a code; whoever reads it there has shown that mail arrives. Raises MailTrouble."""
    if not settings.EMAIL_HOST:
        raise MailTrouble("none")
    code = rules.code_text(secrets.randbits(100))[:5]
    sender = settings.DEFAULT_FROM_EMAIL
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "Answerable · 有回音"
    message["From"], message["To"] = sender, person.email
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip(">") or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"Mail from your reporting channel arrives. Type this code on the page that sent it:\n\n    {code}\n\n"
        f"报告渠道的邮件送得到。请把这个验证码填到刚才的页面：\n\n    {code}\n",
        cte="base64",
    )
    try:
        notices.send_now(bytes(message), to=person.email, organisation=person.organisation, now=now)
    except NoticeError as error:
        raise MailTrouble(type(error).__name__) from None
    return code


def confirm_test_mail(organisation: Organisation, *, by: Person, now: datetime) -> None:
    """The code came back right: the mail server that is set now is tested."""
    organisations.record_milestone(
        people.MAIL_TESTED, organisation=organisation, by=by, about=queries.mail_server(), now=now
    )


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
