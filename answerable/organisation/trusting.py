"""Whom everybody here is believed to be by: a provider of sign-ins is switched on by two people.

Whoever runs a provider can sign in as anyone bound to it. So once an organisation takes reports, an administrator proposes to
switch one on, exactly as it stands; another administrator or an overseer looks at all that would be believed, and confirms
(`organisation.proposals`). A change switches it off, so a changed one waits for two again. Switching off needs nobody else.
docs/decisions/0032.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from answerable.organisation import ladder, proposals, providers, rules, saml
from answerable.organisation.errors import NotAllowed, NotFound
from answerable.organisation.models import Person, Proposal, Provider
from answerable.organisation.proposals import Kind, Row

SWITCH_ON: Final = "provider-on"
_NONE: Final[dict[str, str]] = {}
_BELIEVED: Final = {
    True: {"en": "believed, whatever it says", "zh": "一律相信"},
    False: {"en": "believed only where it says that they are verified", "zh": "只在它注明已验证时相信"},
}
_COUNTS: Final = {
    True: {"en": "counts for readers and administrators, too", "zh": "对阅读人和管理员也算数"},
    False: {"en": "doesn’t count for readers and administrators", "zh": "对阅读人和管理员不算数"},
}


def switch_on(provider: Provider, *, by: Person, now: datetime) -> Proposal | None:
    """Switch it on, or propose to. Raises NotAllowed (not tested as it stands), AlreadyThere (it waits already)."""
    if provider.tested_at is None:
        raise NotAllowed(rules.NOT_TESTED)
    if provider.organisation.opened_at is None:
        providers.switch(provider, on=True, by=by)
        return None
    what = {"provider": str(provider.pk), "changed_at": provider.changed_at.isoformat()}
    return proposals.propose(provider.organisation, SWITCH_ON, what, by=by, now=now, subject=provider.pk.hex)


def waits(provider: Provider) -> bool:
    """Whether switching it on waits for a second person."""
    return any(_is_of(each, provider) for each in proposals.waiting(provider.organisation))


def take_back(provider: Provider, *, by: Person, now: datetime) -> None:
    """Before it is changed, switched off or removed: what waited is off the table."""
    for each in proposals.waiting(provider.organisation):
        if _is_of(each, provider):
            proposals.withdraw(each, by=by, now=now)


def _is_of(proposal: Proposal, provider: Provider) -> bool:
    return proposal.kind == SWITCH_ON and proposal.subject == provider.pk.hex


def _as_proposed(proposal: Proposal) -> Provider | None:
    """The provider, if it is still what was proposed."""
    try:
        found = providers.find(proposal.organisation, UUID(proposal.what["provider"]))
    except NotFound:
        return None
    return found if found.changed_at == datetime.fromisoformat(proposal.what["changed_at"]) else None


def _apply(proposal: Proposal, now: datetime) -> None:
    second = ladder.confirmer(proposal, now)
    found = _as_proposed(proposal)
    if found is None or not providers.switch(found, on=True, by=proposal.by, second=second):
        raise NotAllowed(rules.CHANGED_SINCE)


def _show(proposal: Proposal) -> list[Row]:
    found = _as_proposed(proposal)
    if found is None:
        gone = {"en": "changed or removed since", "zh": "此后有改动，或已移除"}
        return [Row({"en": "The provider", "zh": "登录服务"}, _NONE, gone)]
    rows = [("Name", "名称", found.name), (found.get_kind_display(), found.get_kind_display(), found.issuer)]
    if found.kind == "oidc":
        rows.append(("Client id", "客户端 ID", found.client_id))
    else:
        rows.append(("Sign-in address", "登录地址", found.sso_url))
        rows += [
            ("Certificate, SHA-256", "证书 SHA-256", str(each["sha256"]))
            for each in saml.fingerprints(found.certificates)
        ]
        rows.append(("Person named by", "人员标识", found.subject_attribute or "persistent NameID"))
    if found.strong_values:
        means = ("Values that mean a second factor", "表示用过第二道验证的取值")
        rows.append((*means, ", ".join(found.strong_values)))
    return [
        *(Row({"en": en, "zh": zh}, _NONE, {"en": said, "zh": said}) for en, zh, said in rows),
        Row({"en": "Its e-mail addresses", "zh": "它的邮箱"}, _NONE, _BELIEVED[found.vouches_for_email]),
        Row({"en": "Its second factor", "zh": "它的第二道验证"}, _NONE, _COUNTS[found.counts_second_factor]),
    ]


KIND: Final = Kind(
    {"en": "A sign-in of your own is switched on", "zh": "启用本单位的统一登录"},
    frozenset({"administrator"}),
    ladder.CONFIRMERS,
    _show,
    _apply,
)
