"""The words for roles and refusals, in both languages."""

from answerable.organisation import rules

ROLE_NAMES: dict[str, dict[str, str]] = {
    "handler": {"en": "Handler", "zh": "经办人"},
    "lead": {"en": "Lead", "zh": "组长"},
    "external": {"en": "External member", "zh": "外部成员"},
    "overseer": {"en": "Overseer", "zh": "监督人"},
    "administrator": {"en": "Administrator", "zh": "管理员"},
    "member": {"en": "Member", "zh": "成员"},
}
ROLE_WHATS: dict[str, dict[str, str]] = {
    "handler": {"en": "Reads the reports sealed to them and answers.", "zh": "读封给自己的报告，并作答。"},
    "lead": {
        "en": "As a handler, and is told when a handler is late.",
        "zh": "同经办人；有人逾期时会收到通知。",
    },
    "external": {
        "en": "Reads from outside the organisation; the last rung.",
        "zh": "单位以外的人，能读报告；逐级上报的最后一级。",
    },
    "overseer": {"en": "Sees clocks and counts, never a word.", "zh": "只看时间和数字，看不到一个字。"},
    "administrator": {"en": "Runs this page; never holds a key.", "zh": "管理这一页；从不持有密钥。"},
    "member": {"en": "Belongs to the organisation.", "zh": "单位的一员。"},
}
REASONS: dict[str, dict[str, str]] = {
    rules.UNKNOWN_ROLE: {"en": "There is no such role.", "zh": "没有这个角色。"},
    rules.NOT_AN_ADMINISTRATOR: {"en": "Only an administrator can do this.", "zh": "只有管理员能这样做。"},
    rules.NOT_TO_ONESELF: {
        "en": "Nobody gives a role to themselves; ask another administrator.",
        "zh": "谁都不能给自己角色，请另一位管理员来做。",
    },
    rules.KEY_AND_ADMINISTRATION: {
        "en": "One person can’t both administer and read reports.",
        "zh": "一个人不能既当管理员又读报告。",
    },
    rules.LAST_ADMINISTRATOR: {
        "en": "This is the last administrator. Make another one first.",
        "zh": "这是最后一位管理员，请先让别人当管理员。",
    },
    rules.HAS_LEFT: {"en": "This person has left.", "zh": "这个人已经离开。"},
}
MISSING: dict[str, dict[str, str]] = {
    rules.NO_HANDLERS: {
        "en": "Two people who can read reports: handlers or a lead",
        "zh": "两位能读报告的人：经办人或组长",
    },
    rules.NO_LEAD: {
        "en": "A lead, who is told when an answer is late",
        "zh": "一位组长，答复逾期时会收到通知",
    },
    rules.NO_OVERSEER: {"en": "An overseer, who sees the clocks", "zh": "一位监督人，盯着时限"},
    rules.NO_EXTERNAL: {"en": "An external member, for the last rung", "zh": "一位外部成员，作为最后一级"},
    rules.NO_SECOND_ADMINISTRATOR: {
        "en": "A second administrator, so that nobody locks everyone out",
        "zh": "第二位管理员，免得一个人走了大家都进不来",
    },
    rules.NO_ACCOUNTS: {
        "en": "Accounts for everyone who can read reports: their invitations are still open",
        "zh": "能读报告的人还没都有账号：邀请还没用",
    },
}
