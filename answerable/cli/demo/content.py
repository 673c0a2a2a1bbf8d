"""The demo organisation's people and cases: invented, all of it. Times are offsets from the first start."""

from datetime import timedelta
from typing import Any

PASSWORD = "quiet harbour demo"  # noqa: S105 - printed at start: demo keys protect nothing

ORGANISATION: dict[str, Any] = {
    "slug": "tidewick",
    "name": {"en": "Tidewick Group", "zh": "汐维集团"},
    "time_zone": "Europe/Dublin",
    "languages": ["en", "zh"],
    "jurisdictions": [
        {"id": "IE", "name": {"en": "Ireland", "zh": "爱尔兰"}},
        {"id": "CN", "name": {"en": "China", "zh": "中国"}},
        {"id": "FR", "name": {"en": "France", "zh": "法国"}},
        {"id": "GB", "name": {"en": "United Kingdom", "zh": "英国"}},
    ],
    "leave_url": "",
    "outside_contact": {
        "name": {"en": "Zhiyao Lu, Saltholm Trust", "zh": "陆知遥，盐屿互助会"},
        "telephone": "+353 1 555 0142",
        "post": "Saltholm Trust, 4 Quay Lane, Dublin (invented)",
        "email": "zhiyao.lu@saltholm.example",
        "pgp": "",
    },
}

# key, name, duty, roles, languages
PEOPLE: list[dict[str, Any]] = [
    {
        "key": "ruoyun",
        "role": "lead",
        "email": "ruoyun.shen@tidewick.example",
        "name": {"en": "Ruoyun Shen", "zh": "沈若筠"},
        "duty": {"en": "Leads the review team", "zh": "审查小组组长"},
        "languages": ["zh", "en"],
    },
    {
        "key": "maeve",
        "role": "lead",
        "email": "maeve.odowd@tidewick.example",
        "name": {"en": "Maeve O’Dowd", "zh": "梅芙·奥多德"},
        "duty": {"en": "Deputy lead, Dublin", "zh": "副组长，都柏林"},
        "languages": ["en"],
    },
    {
        "key": "peiwen",
        "role": "handler",
        "email": "peiwen.he@tidewick.example",
        "name": {"en": "Peiwen He", "zh": "何沛文"},
        "duty": {"en": "Handler, people and workplace", "zh": "经办人，员工关系"},
        "languages": ["zh", "en"],
    },
    {
        "key": "guangqing",
        "role": "handler",
        "email": "guangqing.meng@tidewick.example",
        "name": {"en": "Guangqing Meng", "zh": "孟广清"},
        "duty": {"en": "Handler, works council", "zh": "经办人，职工代表"},
        "languages": ["zh"],
    },
    {
        "key": "aoife",
        "role": "handler",
        "email": "aoife.brennan@tidewick.example",
        "name": {"en": "Aoife Brennan", "zh": "伊法·布伦南"},
        "duty": {"en": "Handler, occupational health", "zh": "经办人，职业健康"},
        "languages": ["en", "fr"],
    },
    {
        "key": "wanzhou",
        "role": "handler",
        "email": "wanzhou.lin@tidewick.example",
        "name": {"en": "Wanzhou Lin", "zh": "林晚舟"},
        "duty": {"en": "Handler, legal", "zh": "经办人，法务"},
        "languages": ["zh", "en"],
    },
    {
        "key": "zhiyao",
        "role": "external",
        "email": "zhiyao.lu@saltholm.example",
        "name": {"en": "Zhiyao Lu", "zh": "陆知遥"},
        "duty": {
            "en": "External member, Saltholm Trust (women’s organisation)",
            "zh": "外部成员，盐屿互助会（妇女组织）",
        },
        "languages": ["zh", "en"],
    },
    {
        "key": "hengyan",
        "role": "external",
        "email": "hengyan.qiao@qiaolaw.example",
        "name": {"en": "Hengyan Qiao", "zh": "乔衡言"},
        "duty": {"en": "External member, employment lawyer", "zh": "外部成员，劳动法律师"},
        "languages": ["en", "zh"],
    },
    {
        "key": "orla",
        "role": "overseer",
        "email": "orla.kavanagh@tidewick.example",
        "name": {"en": "Orla Kavanagh", "zh": "奥拉·卡瓦纳"},
        "duty": {"en": "Chair, audit committee", "zh": "审计委员会主席"},
        "languages": ["en"],
    },
    {
        "key": "jingchuan",
        "role": "overseer",
        "email": "jingchuan.song@tidewick.example",
        "name": {"en": "Jingchuan Song", "zh": "宋景川"},
        "duty": {"en": "Workers’ representative on the board", "zh": "职工董事"},
        "languages": ["zh", "en"],
    },
    {
        "key": "emeka",
        "role": "administrator",
        "email": "emeka.obi@tidewick.example",
        "name": {"en": "Emeka Obi", "zh": "埃梅卡·奥比"},
        "duty": {"en": "Runs the installation", "zh": "系统运维"},
        "languages": ["en"],
    },
    {
        "key": "yutong",
        "role": "member",
        "email": "yutong.fan@tidewick.example",
        "name": {"en": "Yutong Fan", "zh": "范雨桐"},
        "duty": {"en": "Colleague", "zh": "同事"},
        "languages": ["zh"],
    },
]


def ago(days: float = 0, hours: float = 0) -> timedelta:
    """How long before the first start something happened."""
    return timedelta(days=days, hours=hours)


# Each message: who ("reporter" or a person's key), when, kind, promises it keeps, text.
CASES: list[dict[str, Any]] = [
    {
        "key": "dinner",
        "language": "en",
        "ago": ago(days=2, hours=3),
        "jurisdiction": "IE",
        "panel": ["zhiyao", "ruoyun", "peiwen", "guangqing"],
        "photo": "coat-check stub.jpg",
        "answers": {
            "what": "On Thursday four of us took the Brightwater people to dinner at the Quay Room. My manager, R., kept filling "
            "my glass. I said no twice. He said the client would take it as an insult.\n\nWhen I put my hand over the glass he "
            "moved it away and poured. Everyone laughed. I drank it. I left at half past nine without my scarf because I did not "
            "want to walk past their table again.",
            "when": "Thursday last week, from about seven",
            "where": "The Quay Room, private room upstairs",
            "who": "R., who runs accounts for Brightwater",
            "seen": "Two colleagues at the table. I would rather not name them before I have asked them.",
            "drink": "yes",
            "ongoing": "yes",
        },
        "messages": [
            (
                "peiwen",
                ago(days=1, hours=14),
                "owner",
                ["own-acknowledged", "own-owner", "eu-acknowledged"],
                "Thank you for telling us. I am Peiwen He and I am in charge from here on; write to me directly whenever you "
                "want.\n\nTwo things first. Do you feel all right working with R. this week? Is there anything you would like "
                "done at once? You do not have to answer.",
            ),
            (
                "reporter",
                ago(days=1, hours=2),
                "text",
                [],
                "Not really. There is another dinner on Friday and I am on the list.",
            ),
            (
                "peiwen",
                ago(hours=20),
                "answer",
                [],
                "You do not have to go on Friday, and you do not have to explain it: the dinner moves to the London team for "
                "everyone, so nothing points to you.",
            ),
        ],
        "notes": [
            (
                "guangqing",
                ago(hours=22),
                "周五的名单是 R. 自己排的，只撤一个人他就会知道。建议整场饭局改由伦敦团队接待。",
            ),
        ],
    },
    {
        "key": "silence",
        "language": "zh",
        "ago": ago(days=4, hours=6),
        "jurisdiction": "CN",
        "panel": ["hengyan", "maeve", "guangqing", "wanzhou"],
        "start_rung": 1,
        "answers": {
            "what": "上个月出差，部门主管晚上十一点多一直敲我房间的门，说要“谈谈明天的方案”。我没有开门，他在门外站了很久，"
            "又在微信上发了十几条消息，问我是不是不给面子。\n\n回来以后他把我的项目交给了别人。我把聊天记录都留着。",
            "when": "上个月出差的第二晚，十一点以后",
            "where": "客户城市的酒店，九楼走廊",
            "who": "部门主管",
            "seen": "隔壁房间的同事听见了敲门声",
            "drink": "no",
            "ongoing": "yes",
        },
        "told": ["部门经理，出差回来的第二天", "人事，再过一个星期"],
        "messages": [],
        "notes": [],
    },
    {
        "key": "interview",
        "language": "en",
        "ago": ago(hours=3),
        "jurisdiction": "GB",
        "panel": ["zhiyao", "ruoyun", "aoife", "peiwen"],
        "answers": {
            "what": "I applied for the events coordinator job. In the second interview the hiring manager said the clients "
            "“expect a certain look” and asked whether I have a boyfriend and would be happy to drink with guests until late. "
            "The advert says “beautiful girls as your colleagues”. I do not want the job any more. I want nobody else to be "
            "asked that.",
            "when": "Yesterday, second interview",
            "where": "Video call",
            "who": "",
            "seen": "",
            "drink": "unsure",
            "ongoing": "",
        },
        "messages": [],
        "notes": [],
    },
    {
        "key": "client",
        "language": "zh",
        "ago": ago(days=8),
        "jurisdiction": "CN",
        "panel": ["zhiyao", "hengyan", "ruoyun", "guangqing"],
        "identity": {"name": "范××", "contact": "只在工作日午休时打电话，号码已写在信封里"},
        "answers": {
            "what": "客户请吃饭，坐我旁边的那位几次把手放到我腿上。我换了座位，他又跟过来。经理看见了，笑着说“人家喜欢你”。"
            "散席时客户在电梯里抱住我，我推开他跑了。\n\n我不想闹大，只希望以后不用再见这个客户，也希望经理知道这不是玩笑。",
            "when": "上上周五晚上",
            "where": "客户公司附近的餐厅和电梯",
            "who": "客户方的副总；我的经理在场",
            "seen": "餐厅和电梯应该都有监控",
            "drink": "yes",
            "ongoing": "no",
        },
        "messages": [
            (
                "guangqing",
                ago(days=7, hours=6),
                "owner",
                ["own-acknowledged", "own-owner"],
                "谢谢你告诉我们。我是孟广清，这件事由我负责到底。\n\n电梯监控一般只留三十天，我们今天就发函请对方保存。"
                "从明天起，这个客户由别的同事对接，安排写成部门轮换，不会提到你。",
            ),
            ("reporter", ago(days=6), "text", [], "谢谢。我只想问一句：经理会知道是我说的吗？"),
            (
                "guangqing",
                ago(days=5, hours=20),
                "answer",
                [],
                "不会由我们告诉他。你的名字在单独的信封里，只有两位外部成员能打开。我们问他的是那天晚上他看见了什么、"
                "做了什么，在场的人都会被问到。",
            ),
        ],
        "notes": [
            ("zhiyao", ago(days=7), "先保全监控，再谈话。信封我已打开，联系方式可用，她只方便中午接电话。")
        ],
    },
    {
        "key": "workshop",
        "language": "en",
        "ago": ago(days=12),
        "jurisdiction": "FR",
        "panel": ["hengyan", "maeve", "aoife", "wanzhou"],
        "answers": {
            "what": "I am writing about what is done to somebody else in the Lyon workshop. For weeks the shift lead has called "
            "him names in front of everyone and given him the wet bay alone. He has stopped eating with us. I do not think he "
            "will say anything himself.",
            "when": "Since the start of October, most mornings",
            "where": "Lyon, bay 3",
            "who": "The morning shift lead",
            "seen": "All of the morning shift",
            "drink": "",
            "ongoing": "yes",
        },
        "messages": [
            (
                "aoife",
                ago(days=11, hours=5),
                "owner",
                ["own-acknowledged", "own-owner", "fr-acknowledged"],
                "Thank you for not looking away. I am Aoife Brennan, I work in occupational health, and I am in charge. I will "
                "be in Lyon on Thursday for a visit that was planned anyway. Nobody will know that somebody wrote.",
            ),
            (
                "reporter",
                ago(days=9),
                "text",
                [],
                "Good. Bay 3 floods whenever it rains. If you come in the morning you will see it.",
            ),
        ],
        "notes": [
            (
                "wanzhou",
                ago(days=8),
                "Wet bay alone is a safety matter in itself. It can be stopped today without naming anyone.",
            )
        ],
    },
    {
        "key": "closed",
        "language": "zh",
        "ago": ago(days=26),
        "jurisdiction": "CN",
        "panel": ["zhiyao", "ruoyun", "peiwen", "wanzhou"],
        "answers": {
            "what": "团建晚宴的节目单上写着“女同事献舞”，名单是行政直接排的，没问过我们。我说不想跳，组长说“就你矫情”。",
            "when": "下周五的团建",
            "where": "公司年度团建",
            "who": "行政和组长",
            "seen": "群里都看得到节目单",
            "drink": "no",
            "ongoing": "yes",
        },
        "messages": [
            (
                "peiwen",
                ago(days=25, hours=10),
                "owner",
                ["own-acknowledged", "own-owner"],
                "谢谢你说出来。我是何沛文，这件事由我负责。节目单今天先撤下来，谁都不用上台，也不用说明理由。",
            ),
            ("reporter", ago(days=24), "text", [], "看到群里通知了，松了一口气。"),
            (
                "peiwen",
                ago(days=18),
                "feedback",
                ["own-feedback"],
                "我们查清了：名单是照往年的抄的，没有征求过任何人的同意。结果是：这个节目取消；今后团建节目一律自愿报名；"
                "组长已就那句话向全组道歉。如果你觉得还不够，请告诉我。",
            ),
            (
                "peiwen",
                ago(days=14),
                "close",
                [],
                "这件事到这里结束。理由：节目已取消，规定已改，道歉已经作出，你也说没有别的要求。三十天后我会再问你一次，"
                "有没有因为说出这件事受到影响。",
            ),
        ],
        "notes": [],
    },
    {
        "key": "retaliation",
        "language": "en",
        "ago": ago(days=5),
        "jurisdiction": "IE",
        "panel": ["hengyan", "maeve", "aoife", "peiwen"],
        "excluded": ["ruoyun"],
        "named": "Priya N., finance systems",
        "answers": {
            "what": "In spring I was a witness in a case. Since then I have been taken off the migration, moved to a desk by the "
            "lifts and left out of the Monday meeting. My rating went from “strong” to “developing” with no reason given. "
            "Ruoyun Shen signed the rating, so please keep this away from her.",
            "when": "From May until now",
            "where": "Dublin, fourth floor",
            "who": "My head of department",
            "seen": "The seating plan and the invitations are in the calendar",
            "drink": "",
            "ongoing": "yes",
        },
        "messages": [
            (
                "maeve",
                ago(days=3, hours=20),
                "owner",
                ["own-acknowledged", "own-owner", "eu-acknowledged"],
                "Thank you, Priya. I am Maeve O’Dowd and I am in charge. This came to you four hours later than we promised. "
                "That is our doing; you should not have waited the night.\n\nRuoyun is not on this case and cannot see that it "
                "exists.",
            ),
        ],
        "notes": [],
    },
    {
        "key": "urgent",
        "language": "zh",
        "ago": ago(hours=9),
        "jurisdiction": "CN",
        "urgency": "now",
        "panel": ["zhiyao", "ruoyun", "guangqing", "wanzhou"],
        "answers": {
            "what": "今晚又有客户饭局，主管点名要我去“陪一陪”，说不去就别想转正。上次我被灌到站不稳。我不想去。",
            "when": "今晚七点",
            "where": "公司旁边的酒店",
            "who": "主管",
            "seen": "",
            "drink": "yes",
            "ongoing": "yes",
        },
        "messages": [
            (
                "wanzhou",
                ago(hours=8, days=0),
                "acknowledge",
                ["own-acknowledged"],
                "今晚你不用去，也不用自己去说：组长已经通知你们部门，今晚的饭局一律不得要求任何人陪同。"
                "你现在安全吗？如果有人拦着你，先打 110；也可以直接打给外部成员陆知遥，电话在页面底部的“其他报告途径”里。",
            ),
        ],
        "notes": [],
    },
]


def _both(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _choices(*texts: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"id": f"o{number}", "text": _both(en, zh)} for number, (en, zh) in enumerate(texts, 1)]


QUESTIONS: dict[str, Any] = {
    "format": "answerable/questions/v1",
    "id": "tidewick",
    "version": 1,
    "questions": [
        {
            "id": "q1",
            "kind": "yes-no",
            "text": _both(
                "Did it happen at a client event, at a dinner or on a trip?",
                "是在客户活动、饭局或出差时发生的吗？",
            ),
        },
        {
            "id": "q2",
            "kind": "one",
            "text": _both("Who arranged it?", "是谁安排的？"),
            "options": _choices(
                ("Our own team", "我们团队"), ("The client", "客户"), ("Someone else", "其他人")
            ),
            "when": {"question": "q1", "answers": ["yes"]},
        },
        {
            "id": "q3",
            "kind": "several",
            "text": _both("What would help you at work just now?", "现在工作上怎样安排，对你有帮助？"),
            "hint": _both(
                "Nothing happens by ticking: the people you chose talk with you first.",
                "勾选不会马上有动作：你选的人会先和你商量。",
            ),
            "options": _choices(
                ("Not working with that person", "不和那个人一起工作"),
                ("Not going to client events", "不参加客户活动"),
                ("Other hours or another place", "换个时间或地点上班"),
                ("Somebody to talk to", "有人可以聊聊"),
            ),
        },
        {
            "id": "q4",
            "kind": "long",
            "text": _both(
                "What should we be careful about when we look into it?",
                "了解情况时，我们要特别小心什么？",
            ),
        },
    ],
}
"""What the demo organisation asks besides our own questions."""
