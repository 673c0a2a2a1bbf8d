"""Who may do what: one table, from which the doors of all signed-in pages and `docs/rights.md` are made.

An act is `subject.verb`. A view is guarded by naming its act (`@for_act("people.add")`, `organisation.access`); an act that
is not in the table can't be named. Reporters never sign in and have no row here: what they may do follows from their words.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from answerable.organisation.rules import KEYED_ROLES, ROLES

ANYONE: Final = frozenset(ROLES) | {""}
"""Every signed-in person of the organisation, also one without a role."""
KEYED: Final = frozenset(KEYED_ROLES)
ADMINISTRATOR: Final = frozenset({"administrator"})
OVERSEER: Final = frozenset({"overseer"})


class Act(NamedTuple):
    """Which roles may do it, and what it is, in both languages."""

    roles: frozenset[str]
    en: str
    zh: str


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "home.see": Act(ANYONE, "See one’s own first page", "看自己的首页"),
        "notices.see": Act(ANYONE, "Read one’s own notices", "看自己的提醒"),
        "people.see": Act(ADMINISTRATOR, "See people, roles and invitations", "查看人员、角色和邀请"),
        "people.add": Act(ADMINISTRATOR, "Add somebody", "添加人员"),
        "people.invite": Act(ADMINISTRATOR, "Invite somebody to make an account", "邀请别人注册账号"),
        "people.leave": Act(ADMINISTRATOR, "Record that somebody has left", "登记离职"),
        "roles.give": Act(ADMINISTRATOR, "Give a role to somebody else", "给别人角色"),
        "roles.take": Act(ADMINISTRATOR, "Take a role away", "收回角色"),
        "poster.print": Act(ADMINISTRATOR, "Print the poster", "打印海报"),
        "board.see": Act(OVERSEER, "See clocks, counts and the log", "看时限、数字和日志"),
        "roster.act": Act(
            KEYED, "Make one’s key; propose, sign and read rosters", "生成自己的密钥；提出、签署、查看名册"
        ),
        "console.open": Act(KEYED, "Open the handlers’ console", "打开经办人工作台"),
        "cases.act": Act(KEYED, "Read and answer the cases sealed to oneself", "查看并答复封给自己的个案"),
    }
)


def allows(act: str, held: frozenset[str]) -> bool:
    """Whether somebody with these roles may do this. KeyError for an act that is not in the table."""
    roles = ACTS[act].roles
    return "" in roles or not roles.isdisjoint(held)
