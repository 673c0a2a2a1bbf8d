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
HOLDERS: Final = frozenset({"lead", "external"})
EXTERNAL: Final = frozenset({"external"})


class Act(NamedTuple):
    """Which roles may do it, and what it is, in both languages.

    `two_people`: one alone can't: it waits until somebody else confirms it (for roles: where the ladder would change).
    `step_up`: asked to prove who they are again, if the last proof is not of this moment (`organisation.signin`).
    """

    roles: frozenset[str]
    en: str
    zh: str
    two_people: bool = False
    step_up: bool = False


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "home.see": Act(ANYONE, "See one’s own first page", "看自己的首页"),
        "notices.see": Act(ANYONE, "Read one’s own notices", "看自己的提醒"),
        "notices.choose": Act(ANYONE, "Choose how one is told", "选择自己的通知方式"),
        "channels.see": Act(
            ADMINISTRATOR, "See the channels for notices and how they are doing", "查看通知渠道和状况"
        ),
        "channels.test": Act(ADMINISTRATOR, "Send a test by a channel", "用渠道发一条测试"),
        "channels.change": Act(
            ADMINISTRATOR,
            "Set up, switch off and remove channels for notices",
            "设置、停用、移除通知渠道",
            step_up=True,
        ),
        "people.see": Act(ADMINISTRATOR, "See people, roles and invitations", "查看人员、角色和邀请"),
        "people.add": Act(ADMINISTRATOR, "Add somebody", "添加人员"),
        "people.import": Act(
            ADMINISTRATOR,
            "Check a file of people and see what it would change",
            "检查人员文件，看会有哪些改动",
        ),
        "people.apply": Act(
            ADMINISTRATOR,
            "Apply a file of people (two people where more than one in ten leave)",
            "按文件更新人员（离开超过十分之一时须两个人）",
            step_up=True,
        ),
        "scim.see": Act(ADMINISTRATOR, "See how people come by SCIM", "查看 SCIM 同步"),
        "scim.change": Act(
            ADMINISTRATOR, "Make and end tokens for SCIM", "生成和停用 SCIM 令牌", step_up=True
        ),
        "scim.let_through": Act(
            ADMINISTRATOR,
            "Let more than one in ten leave by SCIM in a day",
            "允许一天内超过十分之一的人通过 SCIM 离职",
            two_people=True,
            step_up=True,
        ),
        "people.invite": Act(
            ADMINISTRATOR, "Invite somebody to make an account", "邀请别人注册账号", step_up=True
        ),
        "people.start_again": Act(
            ADMINISTRATOR,
            "End somebody’s account and invite them again",
            "注销别人的账号，重新邀请",
            step_up=True,
        ),
        "people.leave": Act(ADMINISTRATOR, "Record that somebody has left", "登记离职", step_up=True),
        "roles.give": Act(
            ADMINISTRATOR, "Give a role to somebody else", "给别人角色", two_people=True, step_up=True
        ),
        "roles.take": Act(ADMINISTRATOR, "Take a role away", "收回角色", two_people=True, step_up=True),
        "sign-in.see": Act(ADMINISTRATOR, "See the organisation’s own sign-in", "查看本单位的统一登录"),
        "sign-in.set-up": Act(
            ADMINISTRATOR,
            "Set up, switch or remove the organisation’s own sign-in",
            "设置、开关或移除本单位的统一登录",
            step_up=True,
        ),
        "poster.print": Act(ADMINISTRATOR, "Print the poster", "打印海报"),
        "opening.see": Act(
            ADMINISTRATOR, "See what is missing before reports are taken", "查看接收报告前还缺什么"
        ),
        "opening.open": Act(
            ADMINISTRATOR, "Open to reports, once nothing is missing", "条件齐全后开始接收报告", step_up=True
        ),
        "opening.pause": Act(ADMINISTRATOR, "Pause new reports", "暂停接收新报告", step_up=True),
        "opening.test_mail": Act(ADMINISTRATOR, "Test the mail server", "测试邮件服务器"),
        "settings.see": Act(ADMINISTRATOR, "See the organisation’s settings", "查看单位设置"),
        "settings.change": Act(
            ADMINISTRATOR,
            "Change settings; once open, contact and places only with a second person",
            "修改设置；开始接收后，联系人和所在地要两个人",
            two_people=True,
            step_up=True,
        ),
        "questions.see": Act(ADMINISTRATOR, "See the organisation’s own questions", "查看自定问题"),
        "questions.write": Act(
            ADMINISTRATOR, "Write, import and keep versions of own questions", "编写、导入自定问题，存为版本"
        ),
        "questions.publish": Act(
            ADMINISTRATOR,
            "Have reporters asked a version; once open, only with a second person",
            "启用一版自定问题；开始接收后要两个人",
            two_people=True,
            step_up=True,
        ),
        "questions.stop": Act(ADMINISTRATOR, "Stop asking own questions", "停止提出自定问题", step_up=True),
        "proposals.see": Act(
            ADMINISTRATOR | OVERSEER | EXTERNAL,
            "See changes that wait for a second person, as far as one has a say",
            "查看等第二个人确认的修改（限自己有权过问的）",
        ),
        "proposals.decide": Act(
            ADMINISTRATOR | OVERSEER | EXTERNAL,
            "Confirm somebody else’s proposal, or take one back",
            "确认别人提出的修改，或撤回",
            two_people=True,
            step_up=True,
        ),
        "board.see": Act(OVERSEER, "See clocks, counts and the log", "看时限、数字和日志"),
        "keys.see": Act(KEYED, "See one’s own key and the ways to unlock it", "查看自己的密钥和解锁方式"),
        "keys.make": Act(
            KEYED, "Make one’s own key, or a new one", "生成自己的密钥，或换一把新的", step_up=True
        ),
        "keys.wrap": Act(
            KEYED,
            "Add or take away a way to unlock one’s own key",
            "增加或去掉自己密钥的解锁方式",
            step_up=True,
        ),
        "roster.see": Act(KEYED, "See the roster and the draft that waits", "查看名册和待签的草案"),
        "roster.propose": Act(KEYED, "Propose the next roster", "提出下一份名册", two_people=True),
        "roster.sign": Act(KEYED, "Sign a proposed roster", "签署提出的名册", two_people=True),
        "console.open": Act(KEYED, "Open the handlers’ console", "打开经办人工作台"),
        "cases.list": Act(KEYED, "List the cases sealed to oneself", "列出封给自己的个案"),
        "cases.read": Act(KEYED, "Read a case sealed to oneself, and its files", "查看封给自己的个案和附件"),
        "cases.answer": Act(KEYED, "Answer the reporter, also to close", "答复报告人，包括结案"),
        "cases.note": Act(KEYED, "Write a note for the panel", "给小组写内部笔记"),
        "cases.attach": Act(KEYED, "Add a sealed file to an answer or a note", "给答复或笔记附上密封文件"),
        "cases.panel": Act(KEYED, "Seal a case to another panel", "把个案改封给另一个小组"),
        "cases.step-down": Act(KEYED, "Step down from a case sealed to oneself", "退出封给自己的个案"),
        "retention.counts": Act(
            ADMINISTRATOR | OVERSEER, "See how many cases are erased when", "看什么时候删除多少个案"
        ),
        "retention.cases": Act(KEYED, "See when one’s own cases are erased", "看自己的个案什么时候删除"),
        "retention.hold": Act(HOLDERS, "Stop a case’s erasure", "暂缓删除一个个案"),
        "retention.lift": Act(
            KEYED, "Lift a hold, the second of two people", "解除保留令，要两个人", two_people=True
        ),
        "cases.flag": Act(KEYED, "Tell the panel that something does not fit", "告诉小组有内容对不上"),
    }
)
"""All of one's own cases: who is not on its panel finds no case at all, whatever their role."""


class Open(NamedTuple):
    """Why something needs no act, in both languages."""

    en: str
    zh: str


_SIGNING_IN: Final = Open("Signing in, and one’s own ways to do it", "登录，以及自己的登录方式")

WITHOUT_ACT: Final[Mapping[str, Open]] = MappingProxyType(
    dict.fromkeys(
        (
            "account_login",
            "account_logout",
            "account_inactive",
            "account_reauthenticate",
            "account_change_password",
            "account_set_password",
            "mfa_index",
            "mfa_authenticate",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_list_webauthn",
            "mfa_add_webauthn",
            "mfa_reauthenticate_webauthn",
            "mfa_remove_webauthn",
            "mfa_edit_webauthn",
            "mfa_login_webauthn",
            "second_factor",
            "sessions",
            "end_session",
            "leave_for",
            "come_back",
            "assertion",
        ),
        _SIGNING_IN,
    )
    | {
        "start": Open("Sends everyone on to their own organisation", "把每个人带到自己的单位"),
        "language": Open("Remembers the language of the pages", "记住页面的语言"),
        "setup": Open("Asks for the one-time code that the operator holds", "询问运维人员手里的一次性代码"),
        "setup_question": Open(
            "The set-up’s questions, for the browser that used the code", "设置的问题，只给用过代码的浏览器"
        ),
        "invitation": Open("Accepts an invitation by its one-time link", "用一次性链接接受邀请"),
    }
)
"""Routes under /work/ that no act guards, by name. Whatever else is under /work/ names an act."""

PUBLIC: Final[Mapping[str, Open]] = MappingProxyType(
    {
        "/o/": Open("The reporter’s pages; nobody signs in there", "报告人的页面，不用登录"),
        "/api/v1/": Open(
            "What those pages ask; a mailbox opens to its words alone", "这些页面的接口；信箱只凭词语打开"
        ),
        "/log/": Open("The public log", "公开的日志"),
        "/scim/v2/": Open("Identity services with a token of the organisation", "持有本单位令牌的身份服务"),
    }
)
"""Where addresses begin that are nobody’s in particular. Everything else is under /work/."""


def allows(act: str, held: frozenset[str]) -> bool:
    """Whether somebody with these roles may do this. KeyError for an act that is not in the table."""
    roles = ACTS[act].roles
    return "" in roles or not roles.isdisjoint(held)
