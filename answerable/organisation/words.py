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
    rules.NOT_ALONE: {
        "en": "You proposed this yourself. Somebody else confirms it.",
        "zh": "这是你自己提出的，要由另一个人确认。",
    },
    rules.NEEDS_ANOTHER: {
        "en": "No one decides this alone: a second administrator or an overseer confirms it.",
        "zh": "这件事一个人不能决定，要由另一位管理员或监督人确认。",
    },
    rules.RESTARTED: {
        "en": "An account that was started again confirms nothing for seven days.",
        "zh": "账号重新开始后的七天内，不能替别人确认。",
    },
    rules.INVITED_BY_THEM: {
        "en": "Your account was made by an invitation of whoever proposed this. For seven days somebody else confirms it.",
        "zh": "你的账号是提出人邀请开通的，七天内要由别人确认。",
    },
    rules.NOT_TESTED: {
        "en": "It was not tested as it stands. Test it first.",
        "zh": "现在的设置还没测试过，请先测试。",
    },
    rules.CHANGED_SINCE: {
        "en": "It was changed after this was proposed. Refuse this, and let it be proposed again.",
        "zh": "提出之后又有改动。请点“不同意”，让对方重新提出。",
    },
    rules.NOT_THEIRS: {"en": "Your role doesn’t decide this.", "zh": "你的角色不能决定这件事。"},
}
CHECKLIST: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    rules.NO_SECOND_ADMINISTRATOR: (
        {
            "en": "Two administrators, so that nobody locks everyone out",
            "zh": "两位管理员，免得一个人走了大家都进不来",
        },
        "administration/people/add/",
        {"en": "Add a person and give them the role.", "zh": "添加人员，再授予角色。"},
    ),
    rules.NO_HANDLERS: (
        {
            "en": "Two people who can read reports: handlers or a lead",
            "zh": "两位能读报告的人：经办人或组长",
        },
        "administration/people/add/",
        {"en": "Add a person and give them the role.", "zh": "添加人员，再授予角色。"},
    ),
    rules.NO_LEAD: (
        {"en": "A lead, who is told when an answer is late", "zh": "一位组长，答复逾期时会收到通知"},
        "administration/people/add/",
        {"en": "Add a person and give them the role.", "zh": "添加人员，再授予角色。"},
    ),
    rules.NO_OVERSEER: (
        {"en": "An overseer, who sees the clocks", "zh": "一位监督人，盯着时限"},
        "administration/people/add/",
        {"en": "Add a person and give them the role.", "zh": "添加人员，再授予角色。"},
    ),
    rules.NO_EXTERNAL: (
        {"en": "An external member, for the last rung", "zh": "一位外部成员，作为最后一级"},
        "administration/people/add/",
        {
            "en": "Somebody whom the organisation doesn’t employ: a lawyer, a women’s organisation, an ombudsperson.",
            "zh": "不是本单位雇的人：律师、妇女组织、独立监察人。",
        },
    ),
    rules.NO_ACCOUNTS: (
        {"en": "Everyone who can read reports has an account", "zh": "能读报告的人都有账号"},
        "administration/",
        {"en": "Some invitations are not made or not used yet.", "zh": "有的邀请还没发，或者还没用。"},
    ),
    rules.NO_OUTSIDE_CONTACT: (
        {
            "en": "A contact outside the organisation, whom anyone can reach without this site",
            "zh": "单位以外的联系人，不通过本站也能找到",
        },
        "settings/contact/",
        {"en": "A name, and a telephone, address or e-mail.", "zh": "写上名字，再写电话、地址或邮箱。"},
    ),
    rules.NO_PLACE: (
        {"en": "At least one place where your people work", "zh": "至少一个员工所在地"},
        "settings/places/",
        {
            "en": "It decides which law’s promises and which help lines reporters see.",
            "zh": "它决定报告人看到哪国法律的期限和哪些求助电话。",
        },
    ),
    rules.MAIL_NOT_TESTED: (
        {"en": "A tested mail server, so that notices arrive", "zh": "邮件服务器已测试，通知送得到"},
        "opening/mail/",
        {
            "en": "Send yourself a test and type the code in it.",
            "zh": "给自己发一封测试邮件，填上里面的验证码。",
        },
    ),
    rules.BACKUP_NOT_VERIFIED: (
        {
            "en": "A backup of the last eight days, read back and compared",
            "zh": "八天内有一份备份，已读回并核对",
        },
        "",
        {
            "en": "The operator makes it: docs/for-operators.md, “Backup”.",
            "zh": "由运维人员来做，见 docs/for-operators.md 的“Backup”一节。",
        },
    ),
}
"""What must hold before reports are taken: words, where it is mended (under /work/<org>/), and how."""
