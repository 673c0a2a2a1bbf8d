"""Make vectors/own/*.json: one file a format, for Python and the browser alike.

Everything is derived from fixed words, so that making them twice gives the same bytes; a test does so and compares.
Run it after a deliberate change of a format:  python protocol/vectors/make.py
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from answerable_protocol import (
    calendar,
    checkpoint,
    cosignature,
    ed25519,
    encoding,
    leaf,
    login,
    manifest,
    merkle,
    message,
    note,
    panel,
    policy,
    receipt,
    recipient,
    roster,
    sealed,
)
from answerable_protocol import pow as work
from answerable_protocol.encoding import base64_encode, base64url_encode, canonical, id_text
from curve import BASE, SMALL, L, P, add, decode, encode, multiply

OWN = Path(__file__).parent / "own"
ORG = "tidewick"
ORIGIN = "answerable.example/log/tidewick"
SOURCE = "Answerable, protocol/vectors/make.py"


def seed(word: str, length: int = 32) -> bytes:
    """Bytes that anyone can make again: SHA-256 of the word, then of the word with a count."""
    made = sha256(word.encode()).digest()
    count = 1
    while len(made) < length:
        made += sha256(f"{word} {count}".encode()).digest()
        count += 1
    return made[:length]


def u(data: bytes) -> str:
    return base64url_encode(data)


def hybrid_file(recipients: int, plaintext_length: int) -> bytes:
    """Bytes of the outer form of a sealed file; nobody can open them."""
    stanza = base64_encode(seed("share", 1120)).rstrip("=")
    body = base64_encode(seed("body")).rstrip("=")
    head = "age-encryption.org/v1\n" + f"-> mlkem768x25519 {stanza}\n{body}\n" * recipients + f"--- {body}\n"
    total = sealed.file_size(plaintext_length, recipients)
    return head.encode() + b"\0" * (total - len(head))


def encodings() -> dict[str, Any]:
    values: list[Any] = [
        {},
        [],
        {"b": 1, "a": [True, False, None], "Z": "z"},
        {"text": 'a"b\\c/\u0000\u001f\u007f\n\r\t\b\f\u2028é中😀'},
        {"n": [0, -1, 9007199254740991, -9007199254740991]},
        {"a1": 1, "a10": 2, "a2": 3, "_": 4, "A": 5},
    ]
    refused = {
        "member twice": '{"a":1,"a":2}',
        "fraction": '{"a":1.0}',
        "exponent": '{"a":1e2}',
        "too large": '{"a":9007199254740992}',
        "minus zero": '{"a":-0}',
        "lone surrogate": '{"a":"\\ud800"}',
        "name not ASCII": '{"é":1}',
        "not a number": '{"a":NaN}',
        "two values": "{}{}",
        "byte order mark": "\ufeff{}",
        "nothing": "",
    }
    return {
        "json": [{"value": value, "canonical": u(canonical(value))} for value in values],
        "json_surrogates": [
            {"escaped": '{"a":"x\\ud800y"}', "canonical": u(canonical({"a": "x\ud800y"}))},
            {
                "escaped": '{"a":"\\udc00\\ud83d\\ude00\\ud83d"}',
                "canonical": u(canonical({"a": "\udc00😀\ud83d"})),
            },
        ],
        "json_refused": [{"desc": desc, "data": u(text.encode())} for desc, text in refused.items()],
        "lp": [
            {"parts": [u(part) for part in parts], "joined": u(b"".join(map(encoding.lp, parts)))}
            for parts in ([b""], [b"a", b"bc"], ["é中".encode(), b"", seed("long", 300)])
        ],
        "base64": [
            {"data": u(data), "text": base64_encode(data)} for data in (b"", b"a", b"ab", b"abc", seed("x"))
        ],
        "base64_refused": [
            {"text": text} for text in ("YQ", "YQ=", "YR==", "YQ==\n", "Y-Q=", "YWI", " YQ==", "====")
        ],
        "base64url": [{"data": u(data), "text": u(data)} for data in (b"a", b"ab", b"\xfb\xff", seed("x"))],
        "base64url_refused": [{"text": text} for text in ("YQ==", "YR", "+_8", "-/8", "Y", "YQ\n", " YQ")],
        "ids": [{"data": u(seed(word, 16)), "text": id_text(seed(word, 16))} for word in ("one", "two")],
        "ids_refused": [{"text": text} for text in ("", "AAAA", "A" * 21 + "B", "A" * 23, "A" * 22 + "==")],
        "times": [
            {"text": encoding.time_text(moment), "unix": int(moment.timestamp())}
            for moment in (
                datetime(2026, 3, 9, 8, 0, tzinfo=UTC),
                datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
            )
        ],
        "times_refused": [
            {"text": text}
            for text in (
                "2026-03-09T08:00:00+00:00",
                "2026-03-09T08:00:00.0Z",
                "2026-03-09 08:00:00Z",
                "2026-02-29T08:00:00Z",
                "2026-03-09T24:00:00Z",
                "2026-03-09T08:00:60Z",
                "2026-03-09t08:00:00z",
                "2026-3-9T08:00:00Z",
            )
        ],
    }


def labels() -> dict[str, Any]:
    cases = []
    for word in ("first case", "second case"):
        key = seed(word)
        cases.append(
            {
                "case_log_key": u(key),
                "log_key": u(leaf.log_key(key)),
                "event_key": u(leaf.event_key(key)),
                "event_labels": [
                    {"seq": n, "label": u(leaf.event_label(leaf.event_key(key), n))} for n in (0, 1, 256)
                ],
                "kept_labels": [
                    {"promise": name, "label": u(leaf.kept_label(key, name))}
                    for name in ("own-acknowledged", "eu-feedback")
                ],
            }
        )
    return {"cases": cases}


def example_leaf(kind: str, payload: bytes, word: str) -> tuple[bytes, bytes]:
    nonce = seed(f"nonce {word}")
    public = kind in leaf.PUBLIC_TYPES
    label = None if public else leaf.event_label(leaf.event_key(seed("first case")), 0)
    made = leaf.Leaf(
        ORG, kind if public else None, label, date(2026, 3, 9), leaf.commitment(kind, nonce, payload)
    )
    return leaf.build(made), nonce


def leaves() -> dict[str, Any]:
    cases = []
    for kind, payload in (
        ("report.received", b"{}"),
        ("message", seed("payload", 400)),
        ("roster.updated", b"[]"),
    ):
        data, nonce = example_leaf(kind, payload, kind)
        parsed = leaf.parse(data)
        cases.append(
            {
                "type": kind,
                "nonce": u(nonce),
                "payload": u(payload),
                "org": parsed.org,
                "label": None if parsed.label is None else u(parsed.label),
                "date": "2026-03-09",
                "body": u(parsed.body),
                "leaf": data.decode(),
                "leaf_hash": u(leaf.leaf_hash(data)),
            }
        )
    good = cases[0]["leaf"]
    public = cases[2]["leaf"]
    refused = {
        "no last newline": good[:-1],
        "carriage return": good.replace("\n", "\r\n"),
        "line more": good + "more x\n",
        "order": good.replace("org tidewick\n", "").replace("date ", "org tidewick\ndate "),
        "org": good.replace("tidewick", "Tidewick"),
        "day": good.replace("2026-03-09", "2026-02-30"),
        "no label": good.replace(good.split("\n")[2], "case -"),
        "case type named": good.replace("case ", "type message\ncase "),
        "public with label": public.replace("case -", good.split("\n")[2]),
        "unknown public type": public.replace("roster.updated", "roster.changed"),
        "base64url": good.replace(
            base64_encode(leaf.parse(good.encode()).body), u(leaf.parse(good.encode()).body)
        ),
        "two spaces": good.replace("org ", "org  "),
    }
    return {"cases": cases, "refused": [{"desc": desc, "leaf": text} for desc, text in refused.items()]}


def log_with(data: bytes, index: int, size: int) -> tuple[list[bytes], bytes]:
    hashes = [merkle.leaf_hash(f"leaf {n}".encode()) for n in range(size)]
    hashes[index] = merkle.leaf_hash(data)
    return merkle.inclusion_proof(index, hashes), merkle.root(hashes)


def example_receipt(
    kind: str, payload: bytes, index: int, size: int, cosigned: tuple[str, ...] = (), origin: str = ORIGIN
) -> bytes:
    data, nonce = example_leaf(kind, payload, f"receipt {kind}")
    proof, root = log_with(data, index, size)
    signed = checkpoint.sign(origin, size, root, ed25519.Signer(seed("log key")))
    for name in cosigned:
        text = checkpoint.text(origin, size, root)
        signed += cosignature.cosign(
            text, f"{name}.example/witness", ed25519.Signer(seed(name)), 1773043200
        ).encode()
    return receipt.make(
        leaf=data, type=kind, nonce=nonce, payload=payload, index=index, proof=proof, checkpoint=signed
    )


def received_payload() -> bytes:
    return canonical(
        {
            "case": id_text(seed("case", 16)),
            "log_key": u(leaf.log_key(seed("first case"))),
            "manifest": u(sha256(example_manifest()).digest()),
            "promises": [{"id": "own-acknowledged", "rule": "PT24H", "due": "2026-03-10T08:00:00Z"}],
            "received": "2026-03-09T08:00:00Z",
        }
    )


def policies() -> dict[str, str]:
    log = note.Key(ORIGIN, note.ED25519, ed25519.public_key(seed("log key")))
    witnesses = {
        name: note.Key(f"{name}.example/witness", note.COSIGNATURE, ed25519.public_key(seed(name)))
        for name in ("union", "lawyer", "court")
    }
    other = note.Key(ORIGIN, note.ED25519, ed25519.public_key(seed("other log key")))
    return {
        "none": policy.text([log]),
        "two of three": policy.text([log], witnesses, 2),
        "other key": policy.text([other]),
    }


def receipts() -> dict[str, Any]:
    payload = received_payload()
    alone = example_receipt("report.received", payload, 5, 11)
    witnessed = example_receipt("report.received", payload, 0, 1, ("union", "court"))
    once = example_receipt("report.received", payload, 0, 1, ("union",))
    public = example_receipt(
        "roster.updated", canonical({"number": 0, "org": ORG, "roster": u(seed("r"))}), 6, 7
    )
    wrong = alone.replace(b"index 5", b"index 4")
    cases = [
        ("report", alone, "none", None),
        ("witnessed", witnessed, "two of three", None),
        ("public", public, "none", None),
        ("one witness of two", once, "two of three", "not proven"),
        ("other log key", alone, "other key", "not proven"),
        ("other index", wrong, "none", "not proven"),
        ("cut short", alone[:-10], "none", "unreadable"),
        ("line ends", alone.replace(b"\n", b"\r\n"), "none", "unreadable"),
        ("extra missing", alone.replace(alone.split(b"\n")[1] + b"\n", b""), "none", "unreadable"),
    ]
    texts = policies()
    out = []
    for desc, data, name, error in cases:
        case: dict[str, Any] = {"desc": desc, "receipt": data.decode(), "policy": texts[name], "error": error}
        if error is None:
            read = receipt.parse(data)
            proven = receipt.verify(read, policy.parse(texts[name].encode()))
            case |= {
                "type": read.type,
                "index": read.index,
                "size": read.checkpoint.size,
                "leaf_hash": u(read.leaf_hash),
                "payload": u(read.payload),
                "log": proven.believed.log.fingerprint,
                "cosignatures": [
                    {"name": each.key.name, "timestamp": each.timestamp}
                    for each in proven.believed.cosignatures
                ],
            }
        out.append(case)
    return {"cases": out}


def example_manifest(**changes: Any) -> bytes:
    parts: dict[str, Any] = {
        "org": ORG,
        "case": seed("case", 16),
        "case_pub": ed25519.public_key(seed("case key")),
        "roster": seed("roster"),
        "panel": [seed("lead", 16), seed("external", 16), seed("handler", 16)],
        "reach": [[seed("lead 2", 16), seed("lead 3", 16)], [seed("board", 16)], []],
        "report": sha256(hybrid_file(1, 4096)).digest(),
        "keys": sha256(hybrid_file(4, 4096)).digest(),
        "log_key": leaf.log_key(seed("first case")),
    }
    return manifest.build(**(parts | changes))


def manifests() -> dict[str, Any]:
    signer = ed25519.Signer(seed("case key"))
    full = example_manifest(
        identity=seed("identity file"),
        attachments=[
            manifest.Attachment(seed("film"), 209715200),
            manifest.Attachment(seed("picture"), 65568),
        ],
        jurisdiction="FR",
        urgency="now",
        start_rung=2,
    )
    good = [("plain", example_manifest()), ("everything", full)]
    plain = json.loads(example_manifest())
    refused = {
        "another version": plain | {"v": 2},
        "version true": plain | {"v": True},
        "no panel": plain | {"panel": []},
        "panel not sorted": plain | {"panel": plain["panel"][::-1]},
        "panel twice": plain | {"panel": [plain["panel"][0]] * 2},
        "two rungs": plain | {"reach": plain["reach"][:2]},
        "three on a rung": plain | {"reach": [plain["panel"], [], []]},
        "on two rungs": plain | {"reach": [plain["reach"][0], plain["reach"][0], []]},
        "id not canonical": plain | {"case": "A" * 21 + "B"},
        "short hash": plain | {"report": "AAAA"},
        "hash with padding": plain | {"report": plain["report"] + "="},
        "start rung 4": plain | {"start_rung": 4},
        "start rung true": plain | {"start_rung": True},
        "urgency": plain | {"urgency": "today"},
        "jurisdiction": plain | {"jurisdiction": "fr"},
        "size negative": plain | {"attachments": [{"sha256": u(seed("film")), "size": -1}]},
        "attachment twice": plain | {"attachments": [{"sha256": u(seed("film")), "size": 1}] * 2},
        "org": plain | {"org": "Tide Wick"},
        "no log key": {name: value for name, value in plain.items() if name != "log_key"},
    }
    record = canonical(
        {
            "v": 1,
            "org": ORG,
            "case": id_text(seed("record case", 16)),
            "case_pub": u(signer.public),
            "record": u(seed("record file")),
            "attachments": [],
            "log_key": u(leaf.log_key(seed("second case"))),
        }
    )
    return {
        "cases": [
            {
                "desc": desc,
                "manifest": data.decode(),
                "sha256": u(sha256(data).digest()),
                "case_pub": u(signer.public),
                "signed": u(manifest.signing_bytes(data)),
                "signature": u(signer.sign(manifest.signing_bytes(data))),
            }
            for desc, data in good
        ],
        "records": [
            {"manifest": record.decode(), "signature": u(signer.sign(manifest.signing_bytes(record)))},
        ],
        "refused": [{"desc": desc, "manifest": canonical(value).decode()} for desc, value in refused.items()],
    }


def messages() -> dict[str, Any]:
    handler = id_text(seed("lead", 16))
    signer = ed25519.Signer(seed("case key"))
    headers = [
        message.Header(ORG, seed("case", 16), "reporter", "text", (), 0, b"", seed("file")),
        message.Header(
            ORG,
            seed("case", 16),
            handler,
            "acknowledge",
            ("own-acknowledged", "eu-acknowledged"),
            7,
            seed("prev"),
            seed("file 2"),
        ),
    ]
    return {
        "cases": [
            {
                "org": each.org,
                "case": id_text(each.case),
                "author": each.author,
                "kind": each.kind,
                "promises": list(each.promises),
                "n": each.n,
                "prev": u(each.prev),
                "sealed": u(each.sealed),
                "public": u(signer.public),
                "signed": u(message.signing_bytes(each)),
                "signature": u(signer.sign(message.signing_bytes(each))),
            }
            for each in headers
        ]
    }


def panels() -> dict[str, Any]:
    signer = ed25519.Signer(seed("lead key"))
    ids = sorted(id_text(seed(word, 16)) for word in ("lead", "external", "handler"))
    change = panel.PanelChange(ORG, seed("case", 16), ids, 1, seed("keys file"))
    return {
        "cases": [
            {
                "org": ORG,
                "case": id_text(change.case),
                "panel": ids,
                "epoch": change.epoch,
                "keys": u(change.keys),
                "public": u(signer.public),
                "signed": u(panel.signing_bytes(change)),
                "signature": u(signer.sign(panel.signing_bytes(change))),
            }
        ]
    }


def member(word: str, role: str, zh: str, duty: str, duty_zh: str) -> roster.Member:
    keyless = role == "overseer"
    return roster.Member(
        id=id_text(seed(word, 16)),
        name={"en": word.title(), "zh": zh},
        duty={"en": duty, "zh": duty_zh},
        languages=("en", "zh"),
        role=role,
        recipient=None if keyless else recipient.encode(seed(f"{word} hybrid key", 1216)),
        sign=None if keyless else ed25519.public_key(seed(f"{word} roster key")),
        since=date(2026, 3, 1),
    )


def roster_note(text: str, signers: tuple[str, ...]) -> bytes:
    return roster.assemble(
        text,
        [
            roster.sign(text, ORIGIN, id_text(seed(word, 16)), ed25519.Signer(seed(f"{word} roster key")))
            for word in signers
        ],
    )


def rosters() -> dict[str, Any]:
    lead = member("mara lind", "lead", "林玛拉", "Leads the review team", "调查组负责人")
    handler = member("jun ito", "handler", "伊藤俊", "Human resources", "人力资源")
    outside = member("ada okoye", "external", "奥科耶", "Lawyer, outside the company", "公司外律师")
    board = member("lea roth", "overseer", "罗特", "Audit committee", "审计委员会")
    added = member("wen li", "handler", "李雯", "Works council", "职工代表")
    first = roster.text(ORG, 0, None, [lead, handler, outside, board])
    first_hash = sha256(first.encode()).digest()
    second = roster.text(ORG, 1, first_hash, [lead, handler, outside, board, added])
    skipped = roster.text(ORG, 2, first_hash, [lead, handler, outside, board, added])
    everyone = ("mara lind", "jun ito", "ada okoye")
    begin = roster_note(first, everyone)
    chains = {
        "first": ([begin], None),
        "second": ([begin, roster_note(second, ("mara lind", "ada okoye"))], None),
        "first not signed by all": ([roster_note(first, everyone[:2])], "not proven"),
        "one signer": ([begin, roster_note(second, ("ada okoye",))], "not proven"),
        "no external signer": ([begin, roster_note(second, ("mara lind", "jun ito"))], "not proven"),
        "signed by the new": ([begin, roster_note(second, ("ada okoye", "wen li"))], "not proven"),
        "number skipped": ([begin, roster_note(skipped, everyone)], "not proven"),
        "not the first": ([roster_note(second, everyone)], "not proven"),
    }
    read = roster.parse(begin)
    return {
        "origin": ORIGIN,
        "org": ORG,
        "anchor": roster.anchor(read),
        "fingerprint": list(roster.fingerprint(read)),
        "sha256": u(read.sha256),
        "cases": [
            {"desc": desc, "notes": [each.decode() for each in notes], "error": error}
            for desc, (notes, error) in chains.items()
        ],
    }


def logins() -> dict[str, Any]:
    signer = ed25519.Signer(seed("case key"))
    signed = login.signing_bytes("https://answerable.example", ORG, seed("case", 16), seed("nonce"))
    return {
        "cases": [
            {
                "origin": "https://answerable.example",
                "org": ORG,
                "case": id_text(seed("case", 16)),
                "nonce": u(seed("nonce")),
                "public": u(signer.public),
                "signed": u(signed),
                "signature": u(signer.sign(signed)),
            }
        ]
    }


def works() -> dict[str, Any]:
    cases = []
    for bits in (0, 1, 8, 12):
        counter = work.solve(seed("challenge"), bits)
        cases.append({"challenge": u(seed("challenge")), "bits": bits, "first": counter})
    return {"cases": cases}


def sizes() -> dict[str, Any]:
    lengths = (
        1,
        4095,
        4096,
        4097,
        16385,
        65537,
        262144,
        262145,
        300000,
        1048577,
        4194305,
        16777217,
        209715200,
    )
    report = hybrid_file(1, 4096)
    opening = sealed.plaintext("report", ORG, seed("case", 16), b"words")
    good = {
        "one recipient": (report, "report", 1),
        "four recipients": (hybrid_file(4, 16384), "keys", 4),
        "attachment": (hybrid_file(1, 65536), "attachment", 1),
    }
    head = sealed.header_length(1)
    bad = {
        "a recipient too few": (report, "report", 2),
        "a recipient too many": (hybrid_file(2, 4096), "report", 1),
        "another length": (report + b"\0", "report", 1),
        "4 KiB attachment": (report, "attachment", 1),
        "x25519": (report.replace(b"mlkem768x25519", b"X25519"), "report", 1),
        "spaces": (report.replace(b"-> ", b"->  "), "report", 1),
        "carriage return": (report.replace(b"v1\n", b"v1\r\n"), "report", 1),
        "MAC not canonical": (report[: head - 2] + b"B" + report[head - 1 :], "report", 1),
        "share not canonical": (report[: 22 + 18 + 1493] + b"B" + report[22 + 18 + 1494 :], "report", 1),
        "cut in a tag": (report[: head + 16 + 10], "report", 1),
        "nothing": (b"", "report", 1),
    }
    return {
        "padded": [
            {"purpose": purpose, "length": length, "size": sealed.padded_size(purpose, length)}
            for purpose in ("report", "attachment")
            for length in lengths
        ],
        "padme": [
            {"length": length, "size": sealed.padme(length)}
            for length in (2, 3, 9, 10, 17, 1000, 262145, 10**9)
        ],
        "files": [
            {"plaintext": length, "recipients": count, "size": sealed.file_size(length, count)}
            for length, count in ((4096, 1), (65536, 4), (262144, 1), (16777216, 1))
        ],
        "plaintexts": [
            {
                "purpose": "report",
                "org": ORG,
                "case": id_text(seed("case", 16)),
                "payload": u(b"words"),
                "length": len(opening),
                "head": u(opening[:100]),
                "sha256": u(sha256(opening).digest()),
            }
        ],
        "heads": [
            {
                "desc": desc,
                "head": data[: sealed.header_length(6)].rstrip(b"\0").decode("latin-1"),
                "total": len(data),
                "purpose": purpose,
                "recipients": count,
                "error": error,
            }
            for group, error in ((good, False), (bad, True))
            for desc, (data, purpose, count) in group.items()
        ],
    }


def dues() -> dict[str, Any]:
    french = [date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25)]
    chinese = [date(2026, 10, day) for day in range(1, 8)]
    moved = [date(2026, 9, 27), date(2026, 10, 10)]
    cases: list[tuple[str, datetime, str, str, bool, list[date], list[date]]] = [
        (
            "hours cross the change to summer",
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            "PT24H",
            "Europe/Paris",
            False,
            [],
            [],
        ),
        (
            "days keep the time of day",
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            "P7D",
            "Europe/Paris",
            False,
            [],
            [],
        ),
        ("a skipped time", datetime(2026, 3, 28, 1, 30, tzinfo=UTC), "P1D", "Europe/Paris", False, [], []),
        ("a doubled time", datetime(2026, 10, 24, 0, 30, tzinfo=UTC), "P1D", "Europe/Paris", False, [], []),
        ("31 August and a month", datetime(2026, 8, 31, 9, tzinfo=UTC), "P1M", "Europe/Paris", False, [], []),
        (
            "30 November and three",
            datetime(2026, 11, 30, 9, tzinfo=UTC),
            "P3M",
            "Asia/Shanghai",
            False,
            [],
            [],
        ),
        ("into a leap year", datetime(2027, 11, 30, 9, tzinfo=UTC), "P3M", "Asia/Shanghai", False, [], []),
        ("29 February and a year", datetime(2028, 2, 29, 9, tzinfo=UTC), "P12M", "Asia/Tokyo", False, [], []),
        ("months before days", datetime(2026, 1, 31, 9, tzinfo=UTC), "P1M1D", "Europe/Berlin", False, [], []),
        (
            "three months and seven days",
            datetime(2026, 3, 9, 8, tzinfo=UTC),
            "P3M7D",
            "Europe/Paris",
            False,
            [],
            [],
        ),
        (
            "the day is the zone's",
            datetime(2026, 1, 30, 17, tzinfo=UTC),
            "P1M",
            "Asia/Shanghai",
            False,
            [],
            [],
        ),
        ("French May", datetime(2026, 4, 30, 8, tzinfo=UTC), "P7D", "Europe/Paris", True, french, []),
        ("from a Saturday", datetime(2026, 5, 2, 8, tzinfo=UTC), "P1D", "Europe/Paris", True, french, []),
        (
            "Golden Week, days made up",
            datetime(2026, 9, 25, 2, tzinfo=UTC),
            "P7D",
            "Asia/Shanghai",
            True,
            chinese,
            moved,
        ),
    ]
    return {
        "cases": [
            {
                "desc": desc,
                "start": encoding.time_text(start),
                "duration": span,
                "zone": zone,
                "working": working,
                "holidays": [day.isoformat() for day in holidays],
                "make_up": [day.isoformat() for day in make_up],
                "due": encoding.time_text(
                    calendar.due(
                        start,
                        calendar.Duration.parse(span),
                        ZoneInfo(zone),
                        working=working,
                        holidays=frozenset(holidays),
                        make_up=frozenset(make_up),
                    )
                ),
            }
            for desc, start, span, zone, working, holidays, make_up in cases
        ],
        "refused": [
            {"duration": text}
            for text in (
                "",
                "P",
                "PT",
                "P0D",
                "P1Y",
                "P1W",
                "P1D1M",
                "PT1M",
                "P-1D",
                "P1.5D",
                "p1d",
                "P01D",
                "P1DT",
            )
        ],
    }


def point(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


def keys() -> dict[str, Any]:
    """Signatures that libraries disagree on; curve.py does the arithmetic, so that none of them decides."""

    message_ = b"answerable"
    signer = ed25519.Signer(seed("signer"))
    good = signer.sign(message_)

    def k(r: bytes, a: bytes) -> int:
        return int.from_bytes(sha512(r + a + message_).digest(), "little") % L

    def case(desc: str, public: bytes, signature: bytes, valid: bool) -> dict[str, Any]:
        return {
            "desc": desc,
            "public": u(public),
            "message": u(message_),
            "signature": u(signature),
            "valid": valid,
        }

    cases = [case("good", signer.public, good, True)]
    s = int.from_bytes(good[32:], "little")
    cases.append(case("S plus L", signer.public, good[:32] + (s + L).to_bytes(32, "little"), False))
    cases.append(case("R changed", signer.public, bytes([good[0] ^ 1]) + good[1:], False))
    cases.append(case("S changed", signer.public, good[:32] + bytes([good[32] ^ 1]) + good[33:], False))
    cases.append(case("cut", signer.public, good[:63], False))
    cases.append(case("empty", signer.public, b"", False))
    # Under a key of small order, R = n B and S = n verify as soon as k happens to be a multiple of 8.
    for number, torsion in enumerate(SMALL):
        public = encode(torsion)
        n = next(n for n in range(1, 999) if k(encode(multiply(n, BASE)), public) % 8 == 0)
        signature = encode(multiply(n, BASE)) + n.to_bytes(32, "little")
        cases.append(case(f"small-order key {number}", public, signature, False))
    for y, sign in ((P, 0), (P + 1, 0), (P, 1), (P + 1, 1), (1, 1), (P - 1, 1)):
        public = point(y, sign)
        n = next(n for n in range(1, 999) if k(encode(multiply(n, BASE)), public) % 8 == 0)
        signature = encode(multiply(n, BASE)) + n.to_bytes(32, "little")
        name = {P: "p", P + 1: "p + 1", 1: "1", P - 1: "p - 1"}[y]
        cases.append(case(f"key not canonical: y = {name}, sign {sign}", public, signature, False))
    # R of small order is a valid signature's R if S B = R + k A holds: here R is the identity, S = k a.
    a = scalar(seed("signer"))
    identity = encode(multiply(0, BASE))
    s = k(identity, signer.public) * a % L
    cases.append(case("R the identity", signer.public, identity + s.to_bytes(32, "little"), True))
    r = point(1, 1)
    s = k(r, signer.public) * a % L
    cases.append(case("R the identity, sign bit set", signer.public, r + s.to_bytes(32, "little"), False))
    r = point(P + 1)
    s = k(r, signer.public) * a % L
    cases.append(case("R the identity, not reduced", signer.public, r + s.to_bytes(32, "little"), False))
    # With a part of small order in R or A the equation holds only after multiplying by 8.
    torsion = SMALL[-1]
    r = encode(add(multiply(5, BASE), torsion))
    s = (5 + k(r, signer.public) * a) % L
    cases.append(case("mixed-order R", signer.public, r + s.to_bytes(32, "little"), False))
    mixed = encode(add(decode(signer.public), torsion))
    n = next(n for n in range(1, 99) if k(encode(multiply(n, BASE)), mixed) % 8)
    r = encode(multiply(n, BASE))
    s = (n + k(r, mixed) * a) % L
    cases.append(case("mixed-order key", mixed, r + s.to_bytes(32, "little"), False))
    return {"cases": cases}


def scalar(secret: bytes) -> int:
    clamped = bytearray(sha512(secret).digest()[:32])
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    return int.from_bytes(clamped, "little")


FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "encoding": encodings,
    "labels": labels,
    "leaf": leaves,
    "receipt": receipts,
    "manifest": manifests,
    "message": messages,
    "panel": panels,
    "roster": rosters,
    "login": logins,
    "pow": works,
    "sealed": sizes,
    "calendar": dues,
    "ed25519": keys,
}


def made(name: str) -> str:
    """The text of one vector file."""
    return json.dumps({"source": SOURCE} | FILES[name](), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all of them."""
    OWN.mkdir(exist_ok=True)
    for name in FILES:
        (OWN / f"{name}.json").write_text(made(name), encoding="utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
