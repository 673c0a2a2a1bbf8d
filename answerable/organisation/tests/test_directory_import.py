"""People from a file: what would change is shown, and exactly that is done, once, whole, or not at all."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from answerable.organisation import actions, queries
from answerable.organisation.directory import applying, plans
from answerable.organisation.errors import AlreadyThere, NotAllowed, NotFound
from answerable.organisation.models import Account, DirectoryPlan, Invitation, Person, Unit

HEADING = "number,name,name_latin,unit,manager,email,phone,language,place\n"
ROWS = [
    "1,孟广青,Meng Guangqing,Works,,a@t.example,,zh en,上海",
    "2,何佩文,,Works/Hall 2,1,b@t.example,,zh,上海",
    "3,Tom Ashby,,Works/Hall 2,2,,,en,Dublin",
]


def prepared(organisation, rows, now, *, whole=True, by=None, units=None):
    data = (HEADING + "\n".join(rows) + "\n").encode()
    return plans.prepare(organisation, data, whole=whole, by=by, now=now, units=units)


def counts(one):
    return {kind: count for kind, count in one.plan.summary["counts"].items() if count}


def apply(organisation, one, now, by=None):
    plans.apply(one.plan.pk, organisation=organisation, by=by, digest=bytes(one.plan.digest), now=now)


def imported(organisation, rows, now, **more):
    one = prepared(organisation, rows, now, **more)
    assert not one.faults, one.faults
    apply(organisation, one, now)
    return one


def numbered(organisation):
    return {each.number: each for each in Person.objects.filter(organisation=organisation).exclude(number="")}


def test_a_whole_list_is_shown_and_then_written(organisation, now):
    one = prepared(organisation, ROWS, now)
    assert counts(one) == {"joined": 3, "units": 2}
    assert not Person.objects.exists()
    apply(organisation, one, now)
    there = numbered(organisation)
    assert there["1"].name == {"en": "Meng Guangqing", "zh": "孟广青"}
    assert there["3"].manager == there["2"]
    assert there["2"].unit.parent.code == "Works"
    assert there["2"].unit.name == "Hall 2"
    assert (there["3"].languages, there["3"].source, there["3"].email) == (["en"], "file", "")


def test_the_same_file_again_has_nothing_to_change(organisation, now):
    imported(organisation, ROWS, now)
    again = prepared(organisation, ROWS, now)
    assert again.plan.summary["nothing"]
    assert counts(again) == {"unchanged": 3}


def test_who_joined_moved_changed_and_left_is_told_apart(organisation, now):
    imported(organisation, [*ROWS, "4,Ines,,Works,1,,,en,Lyon"], now)
    one = prepared(
        organisation,
        [
            ROWS[0].replace("上海", "苏州"),
            ROWS[1].replace("Hall 2", "Hall 3"),
            ROWS[2],
            "5,Nora,,Works,1,,,en,Lyon",
        ],
        now,
    )
    assert counts(one) == {"joined": 1, "moved": 1, "changed": 1, "left": 1, "unchanged": 1, "units": 1}
    assert one.plan.summary["samples"]["left"][0]["number"] == "4"
    assert not one.plan.needs_second
    apply(organisation, one, now)
    there = numbered(organisation)
    assert there["4"].left_at == now
    assert (there["1"].place, there["2"].unit.code) == ("苏州", "Works/Hall 3")


def test_an_addition_lets_nobody_leave_and_may_name_managers_of_the_directory(organisation, now):
    imported(organisation, ROWS, now)
    one = imported(organisation, ["9,Nora,,Works,2,,,en,Lyon"], now, whole=False)
    assert counts(one) == {"joined": 1}
    assert numbered(organisation)["9"].manager.number == "2"
    assert [each.code for each in prepared(organisation, ["8,X,,,77,,,,"], now, whole=False).faults] == [
        "unknown-manager"
    ]


def test_a_column_that_is_not_in_the_file_is_left_as_it_was(organisation, now):
    imported(organisation, ROWS, now)
    one = plans.prepare(organisation, b"number,name\n3,Tom Ashby Jr\n", whole=False, by=None, now=now)
    apply(organisation, one, now)
    tom = numbered(organisation)["3"]
    assert (tom.name_en, tom.place, tom.manager.number) == ("Tom Ashby Jr", "Dublin", "2")


def test_whoever_comes_back_is_the_same_person_and_is_invited_anew(organisation, now):
    imported(organisation, ROWS, now)
    first = numbered(organisation)["2"]
    account = actions.make_account(first, password=None, totp_secret="JBSWY3DPEHPK3PXP", now=now)
    imported(organisation, [ROWS[0], "3,Tom Ashby,,Works,1,,,en,Dublin"], now)
    assert not Account.objects.get(pk=account.pk).is_active
    one = imported(organisation, ROWS, now)
    assert counts(one)["returned"] == 1
    back = numbered(organisation)["2"]
    assert (back.pk, back.left_at, back.account) == (first.pk, None, None)
    assert not Account.objects.filter(pk=account.pk).exists()


def test_addresses_can_be_exchanged_and_given_to_newcomers(organisation, now):
    imported(organisation, ROWS, now)
    swapped = [
        ROWS[0].replace("a@t", "b@t"),
        ROWS[1].replace("b@t", "a@t"),
        "4,Neu,,Works,,,,,",
    ]
    imported(organisation, [*swapped, ROWS[2]], now)
    assert numbered(organisation)["1"].email == "b@t.example"
    imported(organisation, [swapped[0], "3,Tom,,,1,,,,", swapped[2], "6,New,,,1,a@t.example,,,"], now)
    assert numbered(organisation)["6"].email == "a@t.example"


def test_an_address_of_somebody_outside_the_file_is_not_taken(people, organisation, now):
    Person.objects.filter(pk=people["lead"].pk).update(number="77")
    one = prepared(organisation, ["1,X,,,,lead@tidewick.example,,,"], now)
    assert [(each.line, each.column, each.code) for each in one.faults] == [(2, "email", "email-taken")]
    assert not one.plan.rows


def test_somebody_kept_by_hand_is_known_by_their_address_and_keeps_role_and_account(
    people, organisation, now
):
    imported(organisation, ["1,陆知遥,Lu Zhiyao,,,lead@tidewick.example,,,"], now)
    lead = queries.person(organisation, people["lead"].pk)
    assert (lead.number, lead.source, queries.roles_of(lead)) == ("1", "file", {"lead"})
    assert Person.objects.filter(organisation=organisation, left_at=None).count() == len(people)


def test_people_kept_by_scim_are_left_alone(people, organisation, now):
    Person.objects.filter(pk=people["member"].pk).update(number="7", source="scim")
    one = imported(organisation, ["7,Other,,,,,,,", "8,Y,,,7,,,,"], now)
    assert counts(one) == {"joined": 1, "elsewhere": 1}
    assert queries.person(organisation, people["member"].pk).name_en == "Tom Ashby"


def test_leaving_by_a_list_ends_role_session_and_invitation_at_once(people, organisation, client_for, now):
    keep = [f"{at},P{at},,,,,,," for at in range(20, 40)]
    imported(
        organisation,
        ["1,陆知遥,,,,lead@tidewick.example,,,", "2,汤姆,,,,member@tidewick.example,,,", *keep],
        now,
    )
    client = client_for(queries.person(organisation, people["lead"].pk))
    actions.invite(people["member"], by=None, now=now)
    assert client.get("/work/tidewick/").status_code == 200
    one = imported(organisation, keep, now)
    assert sorted(each["roles"] for each in one.plan.summary["left_with_roles"]) == [["lead"], ["member"]]
    assert client.get("/work/tidewick/").status_code == 302
    lead = queries.person(organisation, people["lead"].pk)
    assert (queries.roles_of(lead), lead.roles_at_leaving) == (frozenset(), ["lead"])
    assert not Account.objects.get(email="lead@tidewick.example").is_active
    assert not Invitation.objects.filter(withdrawn_at=None).exists()


def test_the_last_administrator_never_leaves_by_a_list(people, organisation, now):
    keep = [f"{at},P{at},,,,,,," for at in range(20, 40)]
    imported(organisation, ["1,沈若云,,,,administrator@tidewick.example,,,", *keep], now)
    one = imported(organisation, keep, now)
    assert [each["number"] for each in one.plan.summary["kept"]] == ["1"]
    assert queries.roles_of(queries.person(organisation, people["administrator"].pk)) == {"administrator"}


def second_administrator(organisation, people, now):
    other = actions.add_person(organisation, name_en="B", name_zh="乙", email="b2@tidewick.example")
    actions.give_role(other, "administrator", by=None, now=now)
    return other


def test_when_more_than_one_in_ten_leave_another_administrator_must_agree(people, organisation, now):
    imported(organisation, ROWS, now)
    me, other = people["administrator"], second_administrator(organisation, people, now)
    one = prepared(organisation, [ROWS[0]], now, by=me)
    assert one.plan.needs_second
    for alone in (me, None):
        with pytest.raises(NotAllowed, match=plans.NEEDS_SECOND):
            apply(organisation, one, now, by=alone)
    assert not Person.objects.exclude(left_at=None).exists()
    assert plans.waiting(organisation, now=now) == [one.plan]
    apply(organisation, one, now, by=other)
    assert numbered(organisation)["2"].left_at == now


def test_a_plan_is_refused_when_the_directory_changed_since(people, organisation, now):
    imported(organisation, ROWS, now)
    one = prepared(organisation, [*ROWS, "4,New,,,1,,,,"], now)
    Person.objects.filter(number="2").update(place="elsewhere")
    with pytest.raises(plans.DirectoryChanged):
        apply(organisation, one, now)
    assert "4" not in numbered(organisation)


def test_a_plan_is_applied_once_and_by_its_own_digest_and_for_a_day(organisation, other_organisation, now):
    one = prepared(organisation, ROWS, now)
    with pytest.raises(plans.DirectoryChanged):
        plans.apply(one.plan.pk, organisation=organisation, by=None, digest=b"x" * 32, now=now)
    with pytest.raises(NotFound):
        plans.apply(
            one.plan.pk, organisation=other_organisation, by=None, digest=bytes(one.plan.digest), now=now
        )
    with pytest.raises(NotFound):
        apply(organisation, one, now + timedelta(hours=24))
    apply(organisation, one, now)
    with pytest.raises(AlreadyThere):
        apply(organisation, one, now)
    assert not DirectoryPlan.objects.get().rows  # the file is not kept


def test_nothing_is_written_when_writing_fails_half_way(organisation, now, monkeypatch):
    one = prepared(organisation, ROWS, now)

    def broken(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError("half way")

    real = applying.bulk.update
    monkeypatch.setattr(applying.bulk, "update", broken)
    with pytest.raises(RuntimeError):
        apply(organisation, one, now)
    assert not Person.objects.exists()
    assert not Unit.objects.exists()
    monkeypatch.undo()
    apply(organisation, one, now)


def test_a_list_of_units_declares_them_for_later_files(organisation, now):
    units = b"code,name,parent\nW,Works,\nH,Hall 2,W\n"
    imported(organisation, ["1,A,,Hall 2,,,,,"], now, units=units)
    assert numbered(organisation)["1"].unit.code == "H"
    assert Unit.objects.get(code="H").parent.code == "W"
    assert [each.code for each in prepared(organisation, ["1,A,,Sales,,,,,"], now).faults] == ["unknown-unit"]


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_at_once_one_wins_and_the_other_is_told(now, transactional_db):
    organisation = actions.create_organisation(
        slug="two", name_en="T", name_zh="二", origin="localhost/log/two"
    )
    both = [prepared(organisation, [*ROWS, f"{at},X,,,,,,,"], now) for at in (8, 9)]
    ready, said = threading.Barrier(2), []

    def go(one):
        ready.wait()
        try:
            apply(organisation, one, now)
            said.append("won")
        except plans.DirectoryChanged:
            said.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(one,)) for one in both]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == ["told", "won"]
    assert len({"8", "9"} & numbered(organisation).keys()) == 1
    assert Person.objects.count() == 4
