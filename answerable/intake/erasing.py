"""A case goes for good: rows, files on the disk, what opens its leaves in the log, and the notices that name it.

What stays: the leaves, as noise, so that the log and every receipt that somebody holds still verify; and `Erased`, so that
its reporter is told. What she holds herself nobody can take away.
"""

from datetime import date
from uuid import UUID

from answerable_protocol.encoding import id_bytes, id_text
from django.db import transaction
from django.db.models import Q

from answerable.intake import store
from answerable.intake.models import Attachment, Case, Erased, KeysFile, Message
from answerable.intake.queries import payload_of
from answerable.ledger import actions as ledger
from answerable.ledger import queries as ledger_queries
from answerable.notices import actions as notices
from answerable.promises import actions as promises
from answerable.promises import queries as clocks
from answerable.promises.errors import NotFound as NoClock


@transaction.atomic
def erase(case_id: UUID, *, on: date) -> bool:
    """Erase a closed case or a private record, all of it; False if there is none (another keeper was here first).

    Files go first: a crash between them and the commit leaves rows without files, and the next run comes again.
    """
    case = (
        Case.objects.select_for_update()
        .filter(Q(closed_at__isnull=False) | Q(kind="record"), pk=case_id)
        .first()
    )
    if case is None:
        return False
    for sha256 in Attachment.objects.filter(case=case).values_list("sha256", flat=True):
        store.remove(store.path_of(case.organisation_id, case.pk, bytes(sha256)))
    keys = list(KeysFile.objects.filter(case=case))
    ledger.erase(case.organisation_id, _leaves_of(case, keys))
    seated = {UUID(bytes=id_bytes(person)) for each in keys for person in each.panel}
    name = id_text(case.pk.bytes)
    notices.forget(
        seated,
        [f"{what}:{name}" for what in ("case", "message", "flag", "stepped-down", "erasing", "open-long")],
    )
    promises.forget(case.pk, seated)
    Erased.objects.create(
        case=case.pk, organisation_id=case.organisation_id, case_pub=case.case_pub, erased_on=on
    )
    case.delete()
    return True


def _leaves_of(case: Case, keys: list[KeysFile]) -> set[int]:
    found = {case.log_index} | {each.log_index for each in keys if each.log_index is not None}
    for index, kept in Message.objects.filter(case=case).values_list("log_index", "kept"):
        found |= {index, *kept.values()}
    try:
        labels = clocks.event_labels(case.pk)
    except NoClock:
        return found
    # By its own word: somebody on a panel can spend another case's labels (docs/threat-model.md).
    mine = id_text(case.pk.bytes)
    return found | {
        each.index
        for each in ledger_queries.entries_with(case.organisation_id, labels)
        if each.payload is not None and payload_of(each.payload).get("case") == mine
    }
