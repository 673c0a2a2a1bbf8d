"""The daily run that erases what is due, the holds that stop it, and what pages show of both.

Nobody can bring a case's erasure forward, and only a hold puts it off. A run may be killed anywhere and several keepers may
run at once: each case goes in a transaction of its own, under the lock of its row, where the hold is looked at again.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from answerable_protocol.encoding import id_text
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from answerable.cases import queries, retention
from answerable.cases.errors import AlreadySo, NotTheirs
from answerable.cases.models import Hold, RetentionRun
from answerable.cases.retention import Due
from answerable.intake import actions as intake
from answerable.intake import queries as intake_queries
from answerable.intake.queries import Case
from answerable.notices import actions as notices
from answerable.organisation import queries as organisations
from answerable.organisation.models import Organisation, Person
from answerable.promises import queries as clocks

_log = logging.getLogger("answerable.cases")
MOST_AT_ONCE: Final = 200
"""Cases erased in one go, so that the keeper's other tasks have their turn."""
HOLDERS: Final = frozenset({"lead", "external"})

# What erased rows lay in: PostgreSQL gives the space of dead rows back only when it is told to look.
_TABLES: Final = (
    "intake_case",
    "intake_keysfile",
    "intake_message",
    "intake_attachment",
    "intake_seat",
    "cases_note",
    "cases_flag",
    "cases_hold",
    "promises_caseladder",
    "promises_deadline",
    "promises_escalation",
    "notices_notice",
    "ledger_entry",
)


class Closed(NamedTuple):
    """A closed case and when it is erased, unless it is held."""

    case: UUID
    closed: datetime
    due: Due


@dataclass(frozen=True, slots=True)
class Mine:
    """One line of a panel member's list. `may_hold`: lead or external member; `may_lift`: it needs this person now."""

    case: str
    closed: datetime
    due: Due
    hold: Hold | None
    reason: dict[str, str] | None
    may_hold: bool
    may_lift: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What administrators and overseers see: numbers by quarter. `backups`: when no backup has the last erased any more.

    `open`: (whole years since they came, how many) of the cases that nobody has closed, the oldest first; none younger.
    """

    coming: list[tuple[int, int, int]]
    erased: list[tuple[int, int, int]]
    held: int
    last_run: date | None
    backups: date | None
    open: list[tuple[int, int]]


def run(now: datetime) -> int:
    """Erase what is due, in each organisation once a day; how many cases."""
    erased = 0
    for organisation in organisations.every():
        erased += _run(organisation, now)
    if erased:
        scrub()
    return erased


def _run(organisation: Organisation, now: datetime) -> int:
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    if RetentionRun.objects.filter(organisation=organisation, day=today).exists():
        return 0
    held = _held(organisation)
    due, warned = _records_due(organisation, now, today), []
    for each in closed(organisation):
        if each.case in held:
            continue
        if each.due.day <= today:
            due.append(each.case)
        elif each.due.day - retention.WARN_BEFORE <= today:
            warned.append(each.case)
    erased, failed = _erase_each(due[:MOST_AT_ONCE], today)
    for case in warned:
        notices.post(
            organisation,
            intake_queries.panel_of(case),
            kind="erasing-soon",
            event=f"erasing:{id_text(case.bytes)}",
            now=now.replace(minute=0, second=0, microsecond=0),
        )
    _tell_of_open(organisation, now, today)
    if len(due) <= MOST_AT_ONCE and not failed:
        made, _ = RetentionRun.objects.get_or_create(organisation=organisation, day=today)
        RetentionRun.objects.filter(pk=made.pk).update(erased=F("erased") + erased)
    return erased


def record_kept_until(organisation: Organisation, received: datetime) -> date:
    """The day on which a private record that came then is erased (`intake.seams.KEPT_UNTIL`)."""
    places = [each["id"] for each in organisation.jurisdictions]
    return retention.record_due(received, places, organisation.time_zone).day


def _records_due(organisation: Organisation, now: datetime, today: date) -> list[UUID]:
    shortest = min(each.months for each in retention.rules_for("") if each.kind == "record_delete_by")
    old = intake_queries.records_of(organisation, before=now - timedelta(days=28 * shortest))
    return [record for record, came in old if record_kept_until(organisation, came) <= today]


def _tell_of_open(organisation: Organisation, now: datetime, today: date) -> None:
    """Remind the panel of each case that nobody closes, once a quarter: else nothing would once every promise is kept."""
    where = clocks.jurisdictions(organisation)
    year, quarter = retention.quarter_of(today)
    for case, came in intake_queries.open_of(organisation):
        if not retention.open_too_long(came, where.get(case, ""), today, organisation.time_zone):
            continue
        notices.post(
            organisation,
            intake_queries.panel_of(case),
            kind="open-long",
            event=f"open-long:{id_text(case.bytes)}:{year}-{quarter}",
            now=now.replace(minute=0, second=0, microsecond=0),
        )


def _erase_each(cases: list[UUID], today: date) -> tuple[int, int]:
    """How many went, and how many could not: one that fails keeps no other from going, and is tried again."""
    erased = failed = 0
    for case in cases:
        try:
            erased += _erase(case, today)
        except (OSError, DatabaseError) as error:
            failed += 1
            _log.error("a case that is due could not be erased (%s)", type(error).__name__)
    return erased, failed


@transaction.atomic
def _erase(case: UUID, today: date) -> bool:
    locked = Case.objects.select_for_update().filter(pk=case).values_list("pk", flat=True).first()
    if locked is None or Hold.objects.filter(case_id=case, lifted_at=None).exists():
        return False
    return intake.erase(case, on=today)


def scrub() -> None:
    """Have the database let go of the bytes of deleted rows, as far as it can be told to.

    SQLite overwrites them at once (secure_delete); what is left is its journal. PostgreSQL frees the space for new rows.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM {', '.join(_TABLES)}")


def closed(organisation: Organisation) -> Iterator[Closed]:
    """Every closed case, longest closed first."""
    where = clocks.jurisdictions(organisation)
    for case, at in intake_queries.closed_of(organisation):
        yield Closed(case, at, retention.due(at, where.get(case, ""), organisation.time_zone))


def _held(organisation: Organisation) -> set[UUID]:
    holds = Hold.objects.filter(case__organisation=organisation, lifted_at=None)
    return set(holds.values_list("case_id", flat=True))


def counts(organisation: Organisation, now: datetime) -> Counts:
    """Numbers only, for whoever may not know of any single case."""
    held = _held(organisation)
    days = [each.due.day for each in closed(organisation) if each.case not in held]
    gone = intake_queries.erased_days(organisation)
    newest = RetentionRun.objects.filter(organisation=organisation).order_by("-day").first()
    ages = [retention.years_open(came, now) for _, came in intake_queries.open_of(organisation)]
    ages = [years for years in ages if years]  # a young one would tell, by the count's change, when it came
    return Counts(
        coming=retention.by_quarter(days),
        erased=retention.by_quarter(gone),
        held=len(held),
        last_run=newest.day if newest else None,
        backups=retention.gone_from_backups(gone[-1], getattr(settings, "BACKUP_KEEP", "")) if gone else None,
        open=sorted(Counter(ages).items(), reverse=True),
    )


def mine(person: Person, organisation: Organisation, roles: frozenset[str]) -> list[Mine]:
    """The closed cases on whose panel somebody is, soonest erased first."""
    found = intake_queries.closed_for(person.pk, organisation)
    where = clocks.jurisdictions(organisation)
    holds = {
        each.case_id: each
        for each in Hold.objects.filter(case_id__in=[case for case, _ in found], lifted_at=None)
    }
    rows = []
    for case, at in found:
        hold = holds.get(case)
        rows.append(
            Mine(
                case=id_text(case.bytes),
                closed=at,
                due=retention.due(at, where.get(case, ""), organisation.time_zone),
                hold=hold,
                reason=dict(retention.HOLD_REASONS[hold.reason]) if hold else None,
                may_hold=hold is None and not roles.isdisjoint(HOLDERS),
                may_lift=hold is not None and _may_lift(hold, person, roles),
            )
        )
    return sorted(rows, key=lambda row: (row.hold is not None, row.due.day))


def _may_lift(hold: Hold, person: Person, roles: frozenset[str]) -> bool:
    """The first is a lead or an external member; the second is anyone else of the panel."""
    if hold.lift_asked_by is None:
        return not roles.isdisjoint(HOLDERS)
    return hold.lift_asked_by != person.pk


@transaction.atomic
def hold(person: Person, case_text: str, reason: str, *, now: datetime) -> None:
    """Stop the erasure of a case from now on. Raises NotFound, NotTheirs, AlreadySo, KeyError for an unknown reason."""
    retention.HOLD_REASONS[reason]
    case = _locked(person, case_text)
    if organisations.roles_of(person).isdisjoint(HOLDERS):
        raise NotTheirs("hold")
    try:
        with transaction.atomic():
            Hold.objects.create(case=case, reason=reason, by=person.pk, at=now.replace(microsecond=0))
    except IntegrityError:
        raise AlreadySo("held") from None


@transaction.atomic
def lift(person: Person, case_text: str, *, now: datetime) -> bool:
    """Ask for a hold to end, or, as the second person, end it; whether it ended.

    Raises NotFound, NotTheirs (also for the one who asked), AlreadySo.
    """
    case = _locked(person, case_text)
    found = Hold.objects.filter(case=case, lifted_at=None).first()
    if found is None:
        raise AlreadySo("not held")
    if not _may_lift(found, person, organisations.roles_of(person)):
        raise NotTheirs("lift")
    at, waiting = now.replace(microsecond=0), Hold.objects.filter(pk=found.pk, lifted_at=None)
    if found.lift_asked_by is None:
        if not waiting.filter(lift_asked_by=None).update(lift_asked_by=person.pk, lift_asked_at=at):
            raise AlreadySo("asked")
        return False
    if not waiting.update(lifted_by=person.pk, lifted_at=at):
        raise AlreadySo("not held")
    return True


def _locked(person: Person, case_text: str) -> Case:
    found = queries.case_for(person, case_text)
    return Case.objects.select_for_update().get(pk=found.pk)
