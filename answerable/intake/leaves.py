"""Looking up a case's leaves in the log, by label or by index, many at once."""

from collections.abc import Collection
from uuid import UUID

from answerable_protocol.leaf import event_label

from answerable.ledger.models import INDEX_BITS, Entry, Log
from answerable.promises.models import CaseLadder


def entries_with(organisation_id: UUID, labels: Collection[bytes]) -> list[Entry]:
    """The entries with these labels, in order; two queries, however many."""
    log = Log.objects.filter(organisation_id=organisation_id).values_list("pk", flat=True).first()
    return (
        list(Entry.objects.filter(log_id=log, label__in=list(labels)).order_by("pk"))
        if labels and log
        else []
    )


def entries_at(organisation_id: UUID, indexes: Collection[int]) -> list[Entry]:
    """The entries at these indexes, in order."""
    log = Log.objects.filter(organisation_id=organisation_id).values_list("pk", flat=True).first()
    if not indexes or log is None:
        return []
    return list(Entry.objects.filter(pk__in=[(log << INDEX_BITS) + each for each in indexes]).order_by("pk"))


def event_labels(case: UUID) -> list[bytes]:
    """The labels that a case has used so far."""
    row = CaseLadder.objects.filter(pk=case).values_list("event_key", "next_seq").first()
    return [event_label(bytes(row[0]), seq) for seq in range(row[1])] if row else []
