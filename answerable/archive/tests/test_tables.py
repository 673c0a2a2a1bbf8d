"""Rows in one form, alike from both databases."""

import json
import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from answerable.archive.errors import Damaged
from answerable.archive.owned import BY_HAND, path_to_organisation
from answerable.archive.tables import LEFT_OUT, Sum, Table, archived
from answerable.organisation.models import Account, Organisation, Person

NASTY = "'\"\\%s\t\r\n\u2028𐀀 渔网 {}"


@pytest.mark.django_db
def test_every_kind_of_value_comes_back_as_it_was(organisation):
    organisation.name_en, organisation.host = NASTY, None
    organisation.outside_contact = {"z": [1.5, 1e22, None, True], "a": {"é": NASTY}, "n": 2**53}
    organisation.opened_at = datetime(2026, 11, 25, 3, 4, 5, 678901, tzinfo=UTC)
    organisation.save()
    account = Account.objects.create_user(
        "somebody@tidewick.example", "long enough words", organisation=organisation
    )
    person = Person.objects.create(
        organisation=organisation, account=account, name_en="A", name_zh="", email="a@b.example"
    )
    kept = {}
    for model in (Organisation, Account, Person):
        table = Table(model)
        kept[model] = (list(table.lines("default")), table.sum("default"))
    Person.objects.all().delete()
    Account.objects.all().delete()
    Organisation.objects.all().delete()
    for model, (lines, total) in kept.items():
        table = Table(model)
        table.insert([table.values(line) for line in lines], "default")
        assert table.sum("default") == total, model
    back = Person.objects.select_related("organisation", "account").get(pk=person.pk)
    assert back.organisation.name_en == NASTY
    assert back.organisation.outside_contact == organisation.outside_contact
    assert back.organisation.opened_at == organisation.opened_at
    assert back.account.date_joined == account.date_joined, "no date of today"
    assert back.account.check_password("long enough words")


def test_the_sum_does_not_depend_on_the_order_and_tells_every_other_difference():
    one, other, shorter = Sum(), Sum(), Sum()
    for line in (b"[1]", b"[2]", b"[3]"):
        one.add(line)
    for line in (b"[3]", b"[1]", b"[2]"):
        other.add(line)
    for line in (b"[1]", b"[2]"):
        shorter.add(line)
    assert one == other != shorter


@given(
    st.binary()
    | st.lists(st.none() | st.text() | st.integers() | st.binary().map(str)).map(
        lambda x: json.dumps(x).encode()
    )
)
def test_any_line_is_a_row_or_our_error(noise):
    with suppress(Damaged):
        Table(Organisation).values(noise)


def test_every_table_is_archived_or_left_out_for_a_reason_and_belongs_to_somebody():
    """A new table needs a way to its organisation, or a line that says it is the installation's."""
    names = {model._meta.label_lower for model in apps.get_models()}
    assert LEFT_OUT.keys() <= names
    without = [
        model._meta.label_lower
        for model in archived()
        if path_to_organisation(model) is None and model._meta.label_lower not in BY_HAND
    ]
    assert not without, "say in archive/owned.py whose rows these are"


def test_the_way_to_the_organisation_goes_by_keys_that_are_always_set():
    ways = {model._meta.label_lower: path_to_organisation(model) for model in archived()}
    assert ways["organisation.organisation"] == "pk"
    assert ways["intake.message"] == "case__organisation"
    assert ways["ledger.entry"] == "log__organisation"
    assert ways["organisation.invitation"] == "person__organisation"
    assert ways["mfa.authenticator"] == "user__organisation"


def test_ids_stand_as_hex():
    table = Table(Organisation, ["id", "slug"])
    key = uuid.uuid4()
    assert table.values(json.dumps([key.hex, "a"]).encode()) == [key, "a"]
