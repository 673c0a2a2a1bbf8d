"""Posting notices and sending their e-mails."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from time import monotonic
from typing import NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.db.models import F, Q

from answerable.notices import offices, rules, seams
from answerable.notices.errors import NotTaken, ServerDown, Unsure
from answerable.notices.mail import Conversation, Office
from answerable.notices.models import Channel, Choice, Dispatch, Manner, Notice
from answerable.organisation.models import Organisation, Person

_log = logging.getLogger("answerable.notices")
_BATCH = 50
_SECONDS = 15.0  # of one call: the keeper sweeps the clocks in the same loop


def post(organisation: Organisation, people: Iterable[UUID], *, kind: str, event: str, now: datetime) -> None:
    """Tell these people of one event, each at most once; inside the caller's transaction."""
    post_many([Post(organisation.pk, people, kind, event)], now=now)


def tell_of_sign_in(person: Person, what: str, event: str, now: datetime) -> None:
    """Something happened to this person's own sign-in (`organisation.seams.SIGN_IN_EVENTS`)."""
    post(person.organisation, [person.pk], kind=what, event=event, now=now)


class Post(NamedTuple):
    """One event, and whom to tell of it."""

    organisation_id: UUID
    people: Iterable[UUID]
    kind: str
    event: str


def post_many(posts: Iterable[Post], *, now: datetime) -> None:
    """Tell people of several events, as `post`. In plain SQL: a flood of reports brings thousands of these."""
    posts = list(posts)
    ways = set(
        Channel.objects.filter(
            organisation_id__in={each.organisation_id for each in posts}, on=True
        ).values_list("organisation_id", "kind")
    )
    own = {organisation for organisation, kind in ways if kind == "mail"}
    grouped = {organisation for organisation, kind in ways if kind != "mail"}
    at = connection.ops.adapt_datetimefield_value(now)
    identify: Callable[[UUID], UUID | str] = _itself if connection.features.has_native_uuid_field else _hex
    rows = [
        (
            identify(uuid4()),
            identify(each.organisation_id),
            identify(person),
            each.kind,
            each.event,
            at,
            at,
            at,
            "waiting" if settings.EMAIL_HOST or each.organisation_id in own else "none",
            each.organisation_id not in grouped,
        )
        for each in posts
        for person in sorted(set(each.people))
    ]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            marks = ", ".join([_ROW] * len(part))
            cursor.execute(
                f"{_INSERT} {marks} ON CONFLICT DO NOTHING", [each for row in part for each in row]
            )


_AT_ONCE = 100
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0)"
_INSERT = (
    "INSERT INTO notices_notice"
    " (id, organisation_id, person_id, kind, event, at, next_try, due_at, mail, spread, tries) VALUES"
)


def _itself(identifier: UUID) -> UUID:
    return identifier


def _hex(identifier: UUID) -> str:
    return identifier.hex


def forget(people: Iterable[UUID], events: Iterable[str]) -> None:
    """Delete these people's notices of events that begin so, and what groups were told, for what is erased for good."""
    everyone = set(people)
    for beginning in events:
        Notice.objects.filter(person_id__in=everyone, event__startswith=beginning).delete()
        Dispatch.objects.filter(
            channel__organisation__people__in=everyone, event__startswith=beginning
        ).delete()


def see_all(person: Person, *, now: datetime) -> None:
    Notice.objects.filter(person=person, read_at=None).update(read_at=now)


def deliver(now: datetime, *, seconds: float = 8.0) -> int:
    """Send the e-mails that wait; how many the server took. Called by the keeper, by several at once too.

    Each mail leaves at most once. A row is leased by a conditional update; right before the message itself it is
    marked as handed over, durably; only a clear refusal of the server takes that mark back. Killed in between, or a
    server that falls silent there: the mark stays, the mail is never repeated, the notice still stands on the page.
    """
    until = monotonic() + _SECONDS
    own = offices.own_offices()
    sent = 0
    for organisation, office in own.items():
        sent += _deliver(office, Q(organisation_id=organisation), now, seconds, until)
    try:
        shared = offices.operator_office()
    except ServerDown as error:
        _log.warning("the mail server's settings can't be used: %s", error)
        shared = None
    if shared is not None:
        sent += _deliver(shared, ~Q(organisation_id__in=list(own)), now, seconds, until)
    return sent


def _deliver(office: Office, whose: Q, now: datetime, seconds: float, until: float) -> int:
    """Send what waits for one mail server."""
    waiting = Notice.objects.filter(whose, mail="waiting", next_try__lte=now)
    rows = waiting.select_related("person__notice_choice", "organisation").order_by("next_try", "id")
    batch = [each for each in rows[:_BATCH] if not _held_back(each, now)]
    if not batch or monotonic() > until:
        return 0
    sent = 0
    try:
        with Conversation(office, now=now, seconds=seconds, wire=offices.wire(seconds)) as server:
            for notice in batch:
                if monotonic() > until:
                    break
                sent += _send(server, office, notice, now)
    except ServerDown as error:
        _log.warning("mail server does not answer: %s", error)
        waiting.update(next_try=now + rules.SERVER_DOWN)
    return sent


def send_now(message: bytes, *, to: str, organisation: Organisation, now: datetime) -> None:
    """Hand one message to the organisation's mail server at once, past the outbox: a test of it. Raises a NoticeError."""
    office = offices.own_offices([organisation.pk]).get(organisation.pk) or offices.operator_office()
    if office is None:
        raise ServerDown("none")
    with Conversation(office, now=now, wire=offices.wire()) as server:
        server.announce(sender=office.sender, to=to)
        server.hand_over(message)


def _held_back(notice: Notice, now: datetime) -> bool:
    """Whether this mail isn't to leave now: in quiet hours it waits; a person who has chosen other ways gets none."""
    choice: Choice | None = getattr(notice.person, "notice_choice", None)
    if choice is None:
        return False
    mine = Notice.objects.filter(pk=notice.pk, mail="waiting", next_try=notice.next_try)
    # Digests are mails and nothing else; and where no other way works, mail does.
    if not choice.mail and notice.kind != "digest" and _other_way(choice):
        mine.update(mail="none")
        return True
    if notice.kind in rules.AT_ANY_HOUR:
        return False
    zone = choice.time_zone or notice.organisation.time_zone
    end = rules.quiet_until(now, choice.quiet_from, choice.quiet_until, zone)
    if end is None:
        return False
    mine.update(next_try=end, due_at=end)
    return True


def _other_way(choice: Choice) -> bool:
    return choice.channels.filter(on=True, failed_at=None).exists()


def _send(server: Conversation, office: Office, notice: Notice, now: datetime) -> int:
    """1 if the server has taken this one, else 0. ServerDown, if it has gone before anything was handed over."""
    mine = Notice.objects.filter(pk=notice.pk, mail="waiting", next_try=notice.next_try)
    lease = now + rules.LEASE
    if not mine.update(next_try=lease, tries=F("tries") + 1):
        return 0  # another keeper has it
    mine = Notice.objects.filter(pk=notice.pk, mail="waiting", next_try=lease)
    person = notice.person
    hour = now.replace(minute=0, second=0, microsecond=0)
    if person.left_at is not None or not person.email or _said_this_hour(notice, hour):
        mine.update(mail="none")
        return 0
    message = rules.mail(
        notice.pk,
        to=person.email,
        sender=office.sender,
        languages=person.languages,
        link=link_to(notice.organisation, "board/" if notice.kind == "digest" else "notices/"),
        host=office.sender.rpartition("@")[2].strip(">"),
        now=now,
        more=_counts(notice, now) if notice.kind == "digest" else "",
    )
    try:
        server.announce(sender=office.sender, to=person.email)
        if not mine.update(mail="handed"):
            return 0  # our lease ran out
        server.hand_over(message)
    except ServerDown:
        mine.update(next_try=now + rules.SERVER_DOWN, tries=F("tries") - 1)
        raise
    except NotTaken as refusal:
        again = rules.next_try(notice.tries + 1, now=now)
        Notice.objects.filter(pk=notice.pk, mail__in=("waiting", "handed"), next_try=lease).update(
            mail="waiting" if again else "given-up", next_try=again or lease
        )
        _log.warning("mail server refused notice %s with %s", notice.pk, refusal)
        return 0
    except Unsure as silence:
        _log.warning("mail server fell silent over notice %s: %s", notice.pk, silence)
        raise ServerDown("silent") from None
    # A mail leaves seconds after what it tells of, and its row must not say more than the hour (PROTOCOLS 2.11).
    Notice.objects.filter(pk=notice.pk, mail="handed").update(mail="sent", sent_at=hour, next_try=hour)
    return 1


def _counts(notice: Notice, now: datetime) -> str:
    """A digest's counts, where the organisation lets them into mails."""
    if not Manner.objects.filter(organisation_id=notice.organisation_id, counts=True).exists():
        return ""
    counted = {name: n for count in seams.DIGESTS for name, n in count(notice.organisation, now).items()}
    return rules.digest_words(notice.person.languages, counted) if counted else ""


def _said_this_hour(notice: Notice, hour: datetime) -> bool:
    """Whether a mail of this hour about messages still waits to be read: all mails say the same, and one reporter could
    otherwise fill the mailboxes of a panel.
    """
    if notice.kind != "new-message":
        return False
    earlier = Notice.objects.filter(
        person=notice.person, kind=notice.kind, mail="sent", read_at=None, sent_at=hour
    )
    return earlier.exists()


def link_to(organisation: Organisation, place: str = "notices/") -> str:
    """The page of notices, or another under /work/<org>/, at the organisation's own host or the one its log is named for."""
    host = organisation.host or organisation.origin.partition("/")[0]
    return f"{'https' if settings.SECURE_ORIGIN else 'http'}://{host}/work/{organisation.slug}/{place}"
