"""The daily drill against a real server, over a real connection: its own keeper sends, opens, answers and reads back."""

import sqlite3
import time
from pathlib import Path

from tests import server


def test_a_served_organisation_drills_itself_by_its_own_address(tmp_path: Path) -> None:
    """Takes seconds: a server is started, and sends to itself. By another address it stops at "organisation"."""
    port = server.free_port()
    told = {
        "ANSWERABLE_DRILL": "yes",
        "ANSWERABLE_DRILL_URL": f"http://127.0.0.1:{port}",
        "ANSWERABLE_KEEPER_SECONDS": "1",
    }
    with server.running(tmp_path / "data", command="demo", port=port, **told) as running:
        code, kept = _watched(running.data)
    assert code == ""
    assert kept is not None


def _watched(data: Path) -> tuple[str, str | None]:
    """How the drill of the demo stands once it was held."""
    (database,) = data.glob("*.sqlite3")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
            found = rows.execute("SELECT code, kept_at FROM drill_watch").fetchone()
        if found and (found[0] or found[1]):
            return str(found[0]), found[1]
        time.sleep(0.2)
    raise AssertionError("no drill was held")
