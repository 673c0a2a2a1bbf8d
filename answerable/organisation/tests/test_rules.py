"""Who may hold and give which role."""

from itertools import chain, combinations

import pytest

from answerable.organisation import rules

SETS = [frozenset(some) for some in chain.from_iterable(combinations(rules.ROLES, n) for n in range(7))]


def test_nobody_ever_both_administers_and_holds_a_key():
    for held in SETS:
        for role in rules.ROLES:
            for giver in [None, *SETS]:
                if (
                    rules.may_hold(held)
                    and rules.why_not_give(role, held=held, giver=giver, to_oneself=False) is None
                ):
                    assert rules.may_hold(held | {role})


@pytest.mark.parametrize("role", rules.ROLES)
def test_an_administrator_gives_themselves_nothing(role):
    why = rules.why_not_give(role, held={"administrator"}, giver={"administrator"}, to_oneself=True)
    assert why == rules.NOT_TO_ONESELF


@pytest.mark.parametrize("giver", [held for held in SETS if "administrator" not in held])
def test_only_administrators_give_and_take(giver):
    why = rules.why_not_give("member", held=(), giver=giver, to_oneself=False)
    assert why == rules.NOT_AN_ADMINISTRATOR
    assert rules.why_not_take("member", giver=giver, administrators=2) == rules.NOT_AN_ADMINISTRATOR


def test_the_last_administrator_stays():
    assert rules.why_not_take("administrator", giver=None, administrators=1) == rules.LAST_ADMINISTRATOR
    assert rules.why_not_take("administrator", giver=None, administrators=2) is None


def test_a_made_up_role_is_refused():
    assert rules.why_not_give("owner", held=(), giver=None, to_oneself=False) == rules.UNKNOWN_ROLE


def _missing(people):
    return {code for code, holds in rules.people_lines(people) if not holds}


def test_a_full_house_lacks_nothing_and_an_empty_one_says_what():
    full = [({"handler"}, True), ({"lead"}, True), ({"overseer"}, False), ({"external"}, True)]
    full += [({"administrator"}, True), ({"administrator"}, True)]
    assert _missing(full) == set()
    assert _missing([]) == {
        rules.NO_HANDLERS,
        rules.NO_LEAD,
        rules.NO_OVERSEER,
        rules.NO_EXTERNAL,
        rules.NO_SECOND_ADMINISTRATOR,
        rules.NO_ACCOUNTS,
    }
    assert _missing([*full, ({"handler"}, False)]) == {rules.NO_ACCOUNTS}


@pytest.mark.parametrize(
    ("written", "latin", "english", "chinese"),
    [
        ("孟广青", "Meng Guangqing", "Meng Guangqing", "孟广青"),
        ("孟广青", "", "孟广青", "孟广青"),
        ("", "Tom Ashby", "Tom Ashby", "Tom Ashby"),
        ("Zoë Martin", "Zoe Martin", "Zoë Martin", "Zoë Martin"),
        ("이민호", "Lee Minho", "Lee Minho", "Lee Minho"),
        ("이민호", "", "이민호", "이민호"),
        ("𰻝某", "Biang Mou", "Biang Mou", "𰻝某"),
    ],
)
def test_each_page_shows_the_name_its_readers_can_read(written, latin, english, chinese):
    assert rules.shown_names(written, latin) == (english, chinese)
