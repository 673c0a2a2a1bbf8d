"""What goes into a log stays, in its place, and can be proven; what opens it can be erased."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from answerable_protocol import checkpoint, leaf, merkle
from answerable_protocol.receipt import Proven
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.ledger import actions, files, queries, rules
from answerable.ledger.errors import BadLeaf, LedgerError, LogDamaged, NoLog, NotFound, SecondWriter
from answerable.ledger.models import Entry, Log, Tile
from answerable.ledger.rules import NewLeaf
from answerable.organisation.models import Organisation

Check = Callable[[str], Proven]


def event(payload: bytes = b"{}", kind: str = "message") -> NewLeaf:
    return NewLeaf(kind, payload, os.urandom(32))


def test_an_event_gets_a_receipt_that_anyone_can_check(
    log: Log, organisation: Organisation, now: datetime, proven: Check
) -> None:
    entry = actions.append(organisation, [event(b'{"n":1}')], now)[0]
    found = proven(queries.receipt(entry)).receipt
    assert (found.index, found.type, found.payload) == (0, "message", b'{"n":1}')
    assert found.leaf.org == "tidewick"
    assert found.leaf.day == now.date()


def test_a_receipt_later_is_against_the_published_checkpoint(
    log: Log, organisation: Organisation, now: datetime, proven: Check
) -> None:
    entry = actions.append(organisation, [event()], now)[0]
    actions.publish(now + timedelta(hours=1))
    shown = Log.objects.get().published_size
    actions.append(organisation, [event() for _ in range(300)], now)
    assert proven(queries.receipt(entry)).receipt.checkpoint.size == shown
    later = actions.append(organisation, [event()], now)[0]
    assert proven(queries.receipt(later)).receipt.checkpoint.size == shown + 301


@pytest.mark.django_db(transaction=True)
def test_asking_again_for_a_receipt_does_not_show_that_the_log_has_grown(
    log: Log, organisation: Organisation, now: datetime, proven: Check
) -> None:
    """Anyone may ask for the roster's receipt, and anyone may have a mailbox: neither is a window on others' reports."""
    with transaction.atomic():
        [roster] = actions.append(organisation, [NewLeaf("roster.updated", b"{}")], now)
    before = queries.receipt(roster)
    with transaction.atomic():
        actions.append(organisation, [event() for _ in range(3)], now)
    assert queries.receipt(roster) == before
    actions.publish(now + timedelta(hours=1))
    published = queries.receipt(roster)
    assert proven(published).receipt.checkpoint.size == Log.objects.get().published_size
    with transaction.atomic():
        actions.append(organisation, [event()], now)
    assert queries.receipt(roster) == published

    queries.receipt(last := Entry.objects.order_by("-index")[0])
    actions.erase(organisation.pk, [last.index])
    with pytest.raises(NotFound):
        queries.receipt(Entry.objects.get(pk=last.pk))


def test_a_batch_gives_the_same_proofs_as_the_stored_tiles(
    log: Log, organisation: Organisation, now: datetime, proven: Check
) -> None:
    actions.append(organisation, [event() for _ in range(250)], now)
    batch = actions.append_batch(organisation.pk, [event() for _ in range(300)], now)
    for entry in batch.entries[::50]:
        assert batch.receipt(entry) == queries.receipt(entry)
        proven(batch.receipt(entry))


@pytest.mark.parametrize("sizes", [[1], [256], [255, 1, 1], [600, 1], [1000, 24, 70_000 // 100]])
def test_a_log_passes_its_check_at_every_size(
    log: Log, organisation: Organisation, now: datetime, sizes: list[int]
) -> None:
    for size in sizes:
        actions.append(organisation, [event() for _ in range(size)], now)
    assert actions.fsck(organisation) == sum(sizes)
    head = checkpoint.parse(Log.objects.get().checkpoint.encode())
    hashes = [bytes(each) for each in Entry.objects.order_by("index").values_list("leaf_hash", flat=True)]
    assert head.root == merkle.root(hashes)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 300), min_size=1, max_size=6), st.integers(0, 100_000))
def test_every_tree_is_a_beginning_of_every_later_one(
    log: Log, organisation: Organisation, now: datetime, sizes: list[int], which: int
) -> None:
    """One log that goes on growing from example to example."""
    roots = []
    for size in sizes:
        actions.append(organisation, [event() for _ in range(size)], now)
        head = checkpoint.parse(Log.objects.get().checkpoint.encode())
        roots.append((head.size, head.root))
    for old in roots:
        proof = queries.consistency(organisation, old[0])
        merkle.verify_consistency(old[0], head.size, old[1], head.root, proof)
    entry = queries.entry(organisation, which % head.size)
    assert f"index {entry.index}\n" in queries.receipt(entry)


def test_erasing_what_opens_an_event_leaves_the_log_whole(
    log: Log, organisation: Organisation, now: datetime, proven: Check
) -> None:
    first, second = actions.append(organisation, [event(b"secret"), event()], now)
    actions.erase(organisation.pk, [first.index])
    assert Entry.objects.get(index=0).type == ""
    assert actions.fsck(organisation) == 2
    assert not Entry.objects.filter(payload=b"secret").exists()
    with pytest.raises(NotFound):
        queries.receipt(Entry.objects.get(index=0))
    proven(queries.receipt(second))


def test_a_label_is_used_once(log: Log, organisation: Organisation, now: datetime) -> None:
    label = os.urandom(32)
    actions.append(organisation, [NewLeaf("message", b"1", label)], now)
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.append(organisation, [event(), NewLeaf("message", b"2", label)], now)
    assert actions.fsck(organisation) == 1


@pytest.mark.parametrize(
    "bad",
    [
        NewLeaf("gossip", b"", os.urandom(32)),
        NewLeaf("message", b"", b"short"),
        NewLeaf("message", b"", None),
        NewLeaf("roster.updated", b"{}", os.urandom(32)),
        NewLeaf("message", b"x" * 65_536, os.urandom(32)),
    ],
)
def test_what_is_no_event_is_refused_and_nothing_is_written(
    log: Log, organisation: Organisation, now: datetime, bad: NewLeaf
) -> None:
    with pytest.raises(BadLeaf), transaction.atomic():
        actions.append(organisation, [event(), bad], now)
    assert Log.objects.get().size == 0
    assert not Entry.objects.exists()


@given(st.text(max_size=20), st.binary(max_size=80), st.none() | st.binary(max_size=40))
def test_any_leaf_is_made_or_refused_by_our_own_error(kind: str, payload: bytes, label: bytes | None) -> None:
    new = NewLeaf(kind, payload, label)
    try:
        made = rules.made(new, org="tidewick", day=datetime(2026, 11, 5).date(), nonce=bytes(32))  # noqa: DTZ001
    except LedgerError:
        return
    assert leaf.parse(made.data).body == leaf.commitment(kind, bytes(32), payload)


def test_an_organisation_without_a_log_is_told_so(organisation: Organisation, now: datetime) -> None:
    with pytest.raises(NoLog), transaction.atomic():
        actions.append(organisation, [event()], now)
    with pytest.raises(NotFound):
        queries.log_of(organisation)


def test_two_organisations_have_two_logs(
    log: Log, organisation: Organisation, other_organisation: Organisation, now: datetime
) -> None:
    actions.create_log(other_organisation, now)
    ours = actions.append(organisation, [event() for _ in range(3)], now)
    theirs = actions.append(other_organisation, [event()], now)
    assert [each.index for each in (*ours, *theirs)] == [0, 1, 2, 0]
    with pytest.raises(NotFound):
        queries.entry(other_organisation, 1)
    assert queries.log_key(organisation) != queries.log_key(other_organisation)
    assert (actions.fsck(organisation), actions.fsck(other_organisation)) == (3, 1)


# --- one writer ---


def test_a_second_writer_fails_and_never_forks(
    log: Log, organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody went around the lock, and both read the same head."""
    with transaction.atomic():
        stale, org = actions._locked(organisation.pk)
    actions.append(organisation, [event()], now)
    made = [rules.made(event(), org=org, day=now.date(), nonce=bytes(32))]
    with pytest.raises(SecondWriter), transaction.atomic():
        actions._extend(stale, made)
    assert actions.fsck(organisation) == 1


def test_a_second_writer_at_the_same_size_with_another_head_fails(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    """Same size, other leaves: as when two copies of one database both went on."""
    with transaction.atomic():
        stale, org = actions._locked(organisation.pk)
    stale.checkpoint = stale.checkpoint.replace("=", "+", 1)
    made = [rules.made(event(), org=org, day=now.date(), nonce=bytes(32))]
    with pytest.raises(SecondWriter), transaction.atomic():
        actions._extend(stale, made)
    assert Log.objects.get().size == 0


def test_an_index_holds_one_leaf_whatever_the_writer_does(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    entry = actions.append(organisation, [event()], now)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([Entry(id=entry.id, log=log, index=0, leaf=b"", leaf_hash=b"")])
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([Entry(id=entry.id + 1, log=log, index=0, leaf=b"", leaf_hash=b"")])


def test_a_rolled_back_append_leaves_nothing_behind(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    """Neither rows nor the tail in memory: the next append stands where this one would have stood."""
    actions.append(organisation, [event() for _ in range(255)], now)
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
        actions.append(organisation, [event() for _ in range(10)], now)
        raise ZeroDivisionError
    assert Log.objects.get().size == 255
    actions.append(organisation, [event() for _ in range(10)], now)
    assert actions.fsck(organisation) == 265


def test_appends_twice_in_one_transaction_follow_each_other(
    log: Log, organisation: Organisation, now: datetime, proven: Check
) -> None:
    with transaction.atomic():
        first = actions.append(organisation, [event()], now)
        second = actions.append(organisation, [event()], now)
    assert (first[0].index, second[0].index) == (0, 1)
    proven(queries.receipt(first[0]))
    assert actions.fsck(organisation) == 2


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("ledger_entry", "leaf_hash = leaf"),
        ("ledger_entry", "label = NULL"),
        ("ledger_entry", "payload = nonce"),
        ("ledger_tile", "level = 3"),
        ("ledger_log", "size = size - 1, published_size = 0"),
        ("ledger_log", "origin = 'elsewhere'"),
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_log(
    log: Log, organisation: Organisation, now: datetime, table: str, change: str
) -> None:
    actions.append(organisation, [event() for _ in range(256)], now)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change}")  # noqa: S608


# --- the check finds damage ---


def unguarded(sql: str, *names: str) -> None:
    """Do to the database what only somebody with its file in hands could do."""
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                f"DROP TRIGGER {name}" + (" ON ledger_entry" if connection.vendor != "sqlite" else "")
            )
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET payload = nonce WHERE index_ = 5",
        "UPDATE ledger_entry SET leaf = (SELECT leaf FROM ledger_entry WHERE index_ = 6) WHERE index_ = 5",
        "UPDATE ledger_entry SET label = nonce WHERE index_ = 5",
        "DELETE FROM ledger_entry WHERE index_ = 5",
        "DELETE FROM ledger_entry WHERE index_ = 299",
        "DELETE FROM ledger_tile",
    ],
)
def test_the_check_finds_what_was_changed(
    log: Log, organisation: Organisation, now: datetime, sql: str
) -> None:
    actions.append(organisation, [event(os.urandom(8)) for _ in range(300)], now)
    unguarded(sql.replace("index_", '"index"'), "entry_stays", "entry_is_only_erased")
    with pytest.raises(LogDamaged):
        actions.fsck(organisation)


def test_the_check_finds_a_checkpoint_signed_by_another_key(
    log: Log, organisation: Organisation, other_organisation: Organisation, now: datetime
) -> None:
    actions.append(organisation, [event()], now)
    other = actions.create_log(other_organisation, now)
    Log.objects.filter(pk=log.pk).update(checkpoint=other.checkpoint)
    with pytest.raises(LogDamaged):
        actions.fsck(organisation)


def test_the_signing_key_is_for_its_owner_only_and_its_loss_is_said(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    path = files._key_path(organisation.pk)
    assert path.stat().st_mode & 0o777 == 0o600
    actions._signers.clear()
    path.write_text("ab" * 32)
    with pytest.raises(NoLog), transaction.atomic():
        actions.append(organisation, [event()], now)
    path.unlink()
    with pytest.raises(NoLog), transaction.atomic():
        actions.append(organisation, [event()], now)


# --- publication ---


def test_publication_adds_random_leaves_up_to_a_round_number(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    actions.append(organisation, [event() for _ in range(5)], now)
    assert actions.publish(now + timedelta(days=1)) == 1
    shown = Log.objects.get()
    assert shown.published_size == shown.size == 32
    assert actions.fsck(organisation) == 32
    assert Tile.objects.count() == 0


def test_random_leaves_look_like_others(log: Log, organisation: Organisation, now: datetime) -> None:
    actions.append(organisation, [event()], now)
    actions.publish(now + timedelta(days=1))
    real, noise = (bytes(queries.entry(organisation, index).leaf) for index in (0, 1))
    assert len(real) == len(noise)
    assert leaf.parse(noise).type is None
    assert {line.split(b" ")[0] for line in real.split(b"\n")} == {
        line.split(b" ")[0] for line in noise.split(b"\n")
    }


def test_publication_keeps_its_interval_and_survives_a_clock_that_jumps(
    log: Log, organisation: Organisation, now: datetime, settings: object
) -> None:
    hour = timedelta(seconds=3600)
    settings.PUBLICATION_SECONDS = 3600  # type: ignore[attr-defined]
    assert actions.publish(now + hour - timedelta(seconds=1)) == 0
    assert actions.publish(now + hour) == 1
    assert actions.publish(now + hour) == 0
    assert actions.publish(now + 900 * hour) == 1  # the clock jumps ahead …
    assert actions.publish(now + 2 * hour) == 1  # … and back: the log doesn't stay hidden for 900 hours
    assert actions.publish(now + 2 * hour) == 0


def test_the_evening_s_leaves_are_not_the_only_ones_of_their_day(
    log: Log, organisation: Organisation, now: datetime, settings: object
) -> None:
    settings.PUBLICATION_SECONDS = 3600  # type: ignore[attr-defined]
    evening = now.replace(hour=23, minute=30)
    actions.publish(evening)
    actions.append(organisation, [event()], evening + timedelta(minutes=20))
    midnight = evening.replace(hour=0, minute=0, second=3) + timedelta(days=1)
    assert actions.publish(midnight) == 1
    days = [
        line
        for entry in Entry.objects.order_by("index")
        for line in bytes(entry.leaf).split(b"\n")
        if line.startswith(b"date")
    ]
    assert days == sorted(days)
    assert len(set(days[-32:])) == 1, "the report and its noise carry one day"


@given(st.integers(0, 600).map(lambda tiles: tiles * 16), st.integers(0, 200))
def test_an_hour_with_nothing_looks_like_an_hour_with_a_report(published: int, events: int) -> None:
    def shown(came: int) -> int:
        count = rules.noise_count(published + came, published)
        assert count >= rules.NOISE_LEAST
        return came + count

    assert shown(events) % 16 == 0
    assert shown(0) == shown(1) == shown(16) == 32
    assert shown(events) <= max(32, events + 31)


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite keeps deleted bytes in its file; PostgreSQL vacuums"
)
@pytest.mark.django_db(transaction=True)
def test_what_was_erased_is_not_left_in_the_database_file(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    words = b"what-is-to-be-forgotten" * 400  # longer than a page
    with transaction.atomic():
        entries = actions.append(organisation, [event(words), event(b"short-" + words[:40])], now)
    assert words[:40] in _file_of_the_database()
    assert actions.erase(organisation.pk, [entry.index for entry in entries]) == 2
    assert words[:40] not in _file_of_the_database()


def _file_of_the_database() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(connection.settings_dict["NAME"]).read_bytes()
