"""Makes `fixture.json.gz`: the demo's keys and sealed texts, by the browser's own code under Node (`make fixture`).

Sealing exists only in the browser's code, and `make demo` must not need Node, so the result is committed. Dates are not
in it: the running product makes the ledger, the promises and the clocks afresh at first start.
"""

import gzip
import hashlib
import io
import json
import subprocess
import sys
import uuid
from base64 import b64encode
from pathlib import Path
from typing import Any

from answerable_protocol.encoding import id_text

from answerable.cli.demo import content

FIXTURE = Path(__file__).with_name("fixture.json.gz")
BROWSER = Path(__file__).resolve().parents[3] / "browser"
ORIGIN = f"localhost:8000/log/{content.ORGANISATION['slug']}"


def person_id(key: str) -> uuid.UUID:
    """The same id at every making, so that a renewed fixture fits an old demo's people."""
    return uuid.UUID(bytes=hashlib.sha256(f"answerable demo person {key}".encode()).digest()[:16], version=4)


def photo() -> bytes:
    """A coat-check stub, drawn, with a camera's place and time left in on purpose for the panel to see removed."""
    from PIL import Image, ImageDraw, ImageFilter

    card = Image.new("RGB", (960, 640), "#6d5a48")
    draw = ImageDraw.Draw(card)
    for line in range(0, 640, 7):
        draw.line([(0, line), (960, line + 40)], fill="#75614e", width=2)
    draw.rounded_rectangle([180, 150, 780, 490], 22, fill="#efe4c8", outline="#b79d6d", width=5)
    draw.ellipse([206, 296, 254, 344], fill="#6d5a48")
    draw.text((300, 190), "THE QUAY ROOM", fill="#5b2d20", font_size=48)
    draw.text((300, 260), "Coat check", fill="#5b2d20", font_size=34)
    draw.text((300, 320), "No. 117   21:31", fill="#2c2c2c", font_size=54)
    draw.text((300, 400), "1 scarf, left behind", fill="#2c2c2c", font_size=34)
    out = io.BytesIO()
    card.rotate(3, fillcolor="#6d5a48").filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=72)
    return out.getvalue()


def wanted() -> dict[str, Any]:
    """What the browser's code is asked to seal."""
    people = [{**person, "id": id_text(person_id(person["key"]).bytes)} for person in content.PEOPLE]
    cases = [
        {
            **{name: value for name, value in case.items() if name not in {"ago", "messages", "notes"}},
            "messages": [
                {"by": by, "kind": kind, "promises": promises, "text": text}
                for by, _, kind, promises, text in case["messages"]
            ],
            "notes": [{"by": by, "text": text} for by, _, text in case["notes"]],
        }
        for case in content.CASES
    ]
    picture = b64encode(photo()).decode()
    return {
        "org": content.ORGANISATION["slug"],
        "origin": ORIGIN,
        "people": people,
        "cases": cases,
        "photo": picture,
    }


def main() -> int:
    """Seal everything and write the fixture."""
    done = subprocess.run(
        ["node", "tools/demo.mjs"],
        cwd=BROWSER,
        input=json.dumps(wanted()),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return 1
    FIXTURE.write_bytes(gzip.compress(done.stdout.encode(), mtime=0))
    print(f"{FIXTURE.name}: {FIXTURE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
