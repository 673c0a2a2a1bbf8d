"""One drill: what a reporter's browser does, done by a program, over HTTP to our own server.

`front` looks at an organisation's own doors as far as one can without sending: open, roster signed and chained, promises, log.
`there_and_back` sends a marked report to the drill's ground, opens it with the reader's key, answers, and reads the answer back.
Each step has a code; Failed carries it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
from answerable_protocol import checkpoint, leaf, login, manifest, message, receipt, roster, sealed
from answerable_protocol import pow as proof_of_work
from answerable_protocol.ed25519 import Signer
from answerable_protocol.encoding import (
    base64url_decode,
    base64url_encode,
    canonical,
    id_text,
    sha256,
    time_text,
)
from answerable_protocol.errors import ProtocolError
from django.conf import settings

from answerable.cases import actions as cases
from answerable.drill import rules
from answerable.drill.errors import Failed
from answerable.drill.ground import Reader
from answerable.drill.sealing import Identity, seal
from answerable.intake.errors import IntakeError
from answerable.organisation.models import Organisation

__all__ = ["Site", "front", "there_and_back"]

_SECONDS = 20.0


class Site:
    """Our own server, by the host that an organisation answers at."""

    def __init__(self, base: str, host: str, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(
            base_url=base, timeout=_SECONDS, trust_env=False, follow_redirects=False
        )
        self._host = host
        self.origin = f"{'https' if settings.SECURE_ORIGIN else 'http'}://{host}"

    def ask(self, method: str, path: str, step: str, body: Any = None, token: str = "") -> httpx.Response:
        """The answer, if it is a 200 or 201. Raises Failed(step)."""
        headers = {"Host": self._host} | ({"Authorization": f"Bearer {token}"} if token else {})
        if settings.SECURE_ORIGIN:
            headers["X-Forwarded-Proto"] = "https"
        try:
            answer = self._client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError:
            raise Failed(step) from None
        if answer.status_code not in {200, 201}:
            raise Failed(step)
        return answer

    def json(self, method: str, path: str, step: str, body: Any = None, token: str = "") -> dict[str, Any]:
        """The object that comes back. Raises Failed(step)."""
        try:
            found = self.ask(method, path, step, body, token).json()
        except ValueError:
            raise Failed(step) from None
        if not isinstance(found, dict):
            raise Failed(step)
        return found

    def close(self) -> None:
        self._client.close()


@contextmanager
def _step(code: str) -> Iterator[None]:
    try:
        yield
    except (ProtocolError, KeyError, IndexError, TypeError, ValueError, IntakeError):
        raise Failed(code) from None


def front(site: Site, organisation: Organisation) -> None:
    """An organisation's doors, without going in. Raises Failed."""
    api = f"/api/v1/orgs/{organisation.slug}"
    if site.json("GET", api, "organisation").get("open") is not True:
        raise Failed("not-open")
    notes = site.json("GET", f"{api}/rosters", "roster")
    with _step("roster"):
        chain = roster.verify_chain([each.encode() for each in notes["rosters"]], organisation.origin)
        if not chain[-1].handlers():
            raise Failed("roster")
    with _step("promises"):
        if not site.json("GET", f"{api}/promises", "promises")["promises"]:
            raise Failed("promises")
    with _step("work"):
        _worked(site, api)
    with _step("log"):
        shown = checkpoint.parse(site.ask("GET", f"/log/{organisation.slug}/checkpoint", "log").content)
        if shown.origin != organisation.origin:
            raise Failed("log")
    site.ask("GET", f"/o/{organisation.slug}/en/report", "page")


def _worked(site: Site, api: str) -> dict[str, Any]:
    asked = site.json("GET", f"{api}/challenge", "work")
    counter = proof_of_work.solve(base64url_decode(asked["challenge"]), asked["bits"])
    return {"challenge": asked["challenge"], "counter": counter}


def there_and_back(site: Site, reader: Reader, *, now: datetime) -> None:
    """Send, open, answer, read back. Raises Failed with the step that did not hold."""
    org, api = reader.organisation.slug, f"/api/v1/orgs/{reader.organisation.slug}"
    case, log_key, word = os.urandom(16), os.urandom(32), base64url_encode(os.urandom(16))
    signer, mine, purpose = Signer(os.urandom(32)), Identity(os.urandom(32)), os.urandom(32)
    case_identity = Identity(purpose)
    with _step("roster"):
        notes = site.json("GET", f"{api}/rosters", "roster")["rosters"]
        current = roster.verify_chain([each.encode() for each in notes], reader.organisation.origin)[-1]
    payload = {"v": 1, "org": org, "case": id_text(case), "answers": {"what": rules.MARK["en"]}, "drill": word,
               "created": time_text(now.replace(microsecond=0))}  # fmt: skip
    report = seal(sealed.plaintext("report", org, case, canonical(payload)), [case_identity.public])
    keys = canonical(
        {"case_identity": base64url_encode(purpose), "epoch": 0, "reply_recipient": mine.recipient}
    )
    keys_file = seal(sealed.plaintext("keys", org, case, keys), [reader.identity.public, mine.public])
    data = manifest.build(
        org=org, case=case, case_pub=signer.public, roster=current.sha256, panel=[reader.person.pk.bytes],
        reach=[[], [], []], report=sha256(report), keys=sha256(keys_file), log_key=leaf.log_key(log_key),
    )  # fmt: skip
    body: dict[str, Any] = {
        "manifest": base64url_encode(data),
        "signature": base64url_encode(signer.sign(manifest.signing_bytes(data))),
        "event_key": base64url_encode(leaf.event_key(log_key)),
        "report": base64url_encode(report),
        "keys": base64url_encode(keys_file),
        "identity": None,
    }
    with _step("send"):
        body["pow"] = _worked(site, api)
        sent = site.json("PUT", f"{api}/cases/{id_text(case)}", "send", body)
        receipt.parse(sent["receipt"].encode())
        promised = [each["id"] for each in sent["promises"]]
    # What the server holds now, as it gives it back; nothing is taken from our own memory.
    held = _mailbox(site, api, org, case, signer)
    with _step("open"):
        given = reader.identity.open(base64url_decode(held["keys"][0]["file"]))
        found = sealed.open_plaintext("keys", org, case, given)
        if found != keys:
            raise Failed("open")
        text = sealed.open_plaintext(
            "report", org, case, case_identity.open(base64url_decode(held["report"]))
        )
        if word.encode() not in text:
            raise Failed("open")
    said = b""
    for n, (kind, keeps) in enumerate([("owner", {"own-acknowledged", "own-owner"}), ("close", None)]):
        kept = [each for each in promised if (keeps is None) != (each in {"own-acknowledged", "own-owner"})]
        said = canonical({"v": 1, "kind": kind, "text": rules.MARK["en"], "drill": word})
        file = seal(sealed.plaintext("message", org, case, said), [case_identity.public])
        header = message.Header(
            org=org,
            case=case,
            author=reader.id,
            kind=kind,
            promises=tuple(kept),
            n=n,
            prev=b"",
            sealed=sha256(file),
        )
        with _step("answer"):
            cases.answer(reader.person, id_text(case), {
                "kind": kind, "promises": kept, "n": n, "prev": "", "file": base64url_encode(file),
                "signature": base64url_encode(reader.signer.sign(message.signing_bytes(header))), "attachments": [],
                "kept": [
                    {"promise": each, "label": base64url_encode(leaf.kept_label(log_key, each))} for each in kept
                ],
            })  # fmt: skip
    back = _mailbox(site, api, org, case, signer)
    with _step("read-back"):
        last = back["messages"][-1]
        answer = sealed.open_plaintext(
            "message", org, case, case_identity.open(base64url_decode(last["file"]))
        )
        states = {each["state"] for each in back["promises"]}
        if answer != said or not back["closed"] or states != {"kept"}:
            raise Failed("read-back")


def _mailbox(site: Site, api: str, org: str, case: bytes, signer: Signer) -> dict[str, Any]:
    with _step("mailbox"):
        nonce = site.json("POST", f"{api}/mailbox/challenge", "mailbox", {"case": id_text(case)})["nonce"]
        signed = signer.sign(login.signing_bytes(site.origin, org, case, base64url_decode(nonce)))
        asked = {"case": id_text(case), "nonce": nonce, "signature": base64url_encode(signed)}
        token = site.json("POST", f"{api}/mailbox/open", "mailbox", asked)["token"]
        return site.json("GET", f"{api}/mailbox", "mailbox", token=token)
