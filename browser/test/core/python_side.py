"""Checks with the server's own code what the browser made; reads JSON on stdin, prints "agreed" or fails."""

import json
import sys

from answerable_protocol import leaf, manifest, message, note, panel, policy, receipt, roster
from answerable_protocol.encoding import base64url_decode, sha256

made = json.load(sys.stdin)
get = base64url_decode

rosters = roster.verify_chain([each.encode() for each in made["rosters"]], made["origin"], made["anchor"])
externals = set(made["externals"])
body = made["body"]
checked = manifest.verify(get(body["manifest"]), get(body["signature"]))
manifest.check_files(
    checked,
    report=get(body["report"]),
    keys=get(body["keys"]),
    identity=get(body["identity"]),
    externals=externals,
)
assert checked.roster == sha256(made["rosters"][0].split("\n\n")[0].encode() + b"\n")
assert leaf.event_key(get(made["case_log_key"])) == get(body["event_key"])
assert leaf.log_key(get(made["case_log_key"])) == checked.log_key

said = made["message"]
header = message.Header(
    org=checked.org,
    case=get(checked.case),
    author=said["author"],
    kind=said["body"]["kind"],
    promises=said["body"]["promises"],
    n=said["body"]["n"],
    prev=get(said["body"]["prev"]),
    sealed=sha256(get(said["body"]["file"])),
)
message.verify(header, get(said["body"]["signature"]), get(said["sign"]))

changed = made["change"]
change = panel.PanelChange(
    org=checked.org,
    case=get(checked.case),
    panel=changed["body"]["panel"],
    epoch=changed["body"]["epoch"],
    keys=sha256(get(changed["body"]["file"])),
)
panel.verify(change, get(changed["body"]["signature"]), get(changed["sign"]))

proven = receipt.verify(receipt.parse(made["receipt"].encode()), policy.parse(made["policy"].encode()))
assert proven.receipt.payload == get(made["payload"])
record = manifest.verify_record(get(made["record"]["manifest"]), get(made["record"]["signature"]))
manifest.check_record(record, get(made["record"]["record"]))
assert note.parse(made["rosters"][0].encode()).text.startswith("answerable/roster/v1\n")
print("agreed")
