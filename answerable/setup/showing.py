"""What pages show of settings: a proposal line by line, and the checklist's lines about the list of readers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from answerable.organisation.models import Organisation, Proposal
from answerable.organisation.proposals import Row
from answerable.organisation.seams import Line
from answerable.roster import queries as rosters
from answerable.setup import configuration, places

LABELS: Final = {
    "contact_en": {"en": "Name in Latin letters", "zh": "拉丁字母写的名字"},
    "contact_zh": {"en": "Name in Chinese", "zh": "中文名字"},
    "telephone": {"en": "Telephone", "zh": "电话"},
    "post": {"en": "Address", "zh": "地址"},
    "email": {"en": "E-mail", "zh": "邮箱"},
    "pgp": {"en": "PGP key", "zh": "PGP 公钥"},
    "places": {"en": "Places", "zh": "所在地"},
    "time_zone": {"en": "Time zone", "zh": "时区"},
}


def rows(proposal: Proposal) -> list[Row]:
    """What would change, and from what; once it is done, what was decided."""
    step = proposal.kind.removeprefix("setup-")
    now = (
        {}
        if proposal.confirmed_at or proposal.withdrawn_at
        else configuration.of(proposal.organisation)[step]
    )
    found = []
    for key, value in proposal.what.items():
        before, after = said(now.get(key)), said(value)
        if before != after:
            found.append(Row(_label(key), before, after))
    return found


def _label(key: str) -> Mapping[str, str]:
    if key.startswith("zone_"):
        where = places.place(key.removeprefix("zone_"))
        return where.name if where else {"en": key, "zh": key}
    return LABELS[key]


def said(value: Any) -> dict[str, str]:
    """A setting in both languages; a dash where there is none."""
    if isinstance(value, list):
        found = [place.name for place in (places.place(each) for each in value) if place]
        return {
            "en": ", ".join(each["en"] for each in found) or "–",
            "zh": "、".join(each["zh"] for each in found) or "–",
        }
    return {"en": str(value or "–"), "zh": str(value or "–")}


def roster_lines(organisation: Organisation, now: datetime) -> list[Line]:  # noqa: ARG001
    """Two handlers with logged keys; a last rung outside the organisation that can open what reaches it."""
    current = rosters.current(organisation.pk)
    inside = len(current.keyed - current.externals) if current else 0
    outside = len(current.keyed & current.externals) if current else 0
    return [
        Line(
            "no-logged-keys",
            "Two handlers whose keys stand in the logged list of readers",
            "已记入日志的阅读人名单里有两位经办人的密钥",
            inside >= 2,
            "administration/",
            "Each makes a key at their first sign-in; then they propose the list in their console and sign it.",
            "各人首次登录时生成密钥，再在工作台里提出名单并签名。",
        ),
        Line(
            "no-last-rung-outside",
            "A ladder that ends outside: an external member whose key stands in that list",
            "逐级上报的最后一级在单位以外：名单里有一位外部成员的密钥",
            outside >= 1,
            "administration/",
            "Invite an external member; the list is signed again with their key.",
            "邀请一位外部成员，带上其密钥重签名单。",
        ),
    ]
