"""A backup and a restore: MB/s of sealed files with the demo's rows beside them.

Size in MB by ANSWERABLE_BENCH_BACKUP_MB (default 1000; 10000 is the issue's). Needs three times that on the disk.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.table import Row, save, show

FILE = 16 * 1024 * 1024

MAKE = """
import os, sys, hashlib, uuid
os.environ["DJANGO_SETTINGS_MODULE"] = "answerable.server.settings"
import django; django.setup()
from django.utils import timezone
from answerable.intake import store
from answerable.intake.models import Attachment, Case
from answerable.organisation.models import Organisation
from answerable.organisation import actions
o = actions.create_organisation(slug="bench", name_en="Bench", name_zh="B", origin="localhost/log/bench", time_zone="UTC",
    jurisdictions=[])
from answerable.ledger import actions as ledger
ledger.create_log(o, timezone.now())
c = Case.objects.create(id=uuid.uuid4(), organisation=o, kind="case", manifest=b"m", manifest_sha256=b"1"*32, signature=b"s"*64,
    case_pub=b"p"*32, report=b"r", log_index=0, received=timezone.now())
for _ in range(int(sys.argv[1])):
    data = os.urandom(int(sys.argv[2])); h = hashlib.sha256(data).digest()
    path = store.path_of(o.pk, c.pk, h); path.parent.mkdir(parents=True, exist_ok=True); path.write_bytes(data)
    Attachment.objects.create(case=c, sha256=h, size=len(data), received=len(data), done=True)
"""


def main() -> None:
    """Make the data, back it up (verified), restore it."""
    size = int(os.environ.get("ANSWERABLE_BENCH_BACKUP_MB", "1000"))
    count = max(1, size * 1_000_000 // FILE)
    megabytes = count * FILE / 1e6
    with tempfile.TemporaryDirectory(prefix="answerable-bench-") as name:
        folder = Path(name)
        environment = {**os.environ, "ANSWERABLE_DATA": str(folder / "data"), "ANSWERABLE_DATABASE": "sqlite"}

        def run(*command: str) -> str:
            done = subprocess.run(
                [sys.executable, *command], env=environment, check=True, capture_output=True, text=True
            )
            return done.stdout

        run("-m", "answerable", "migrate")
        run("-c", MAKE, str(count), str(FILE))
        public = (
            run("-m", "answerable", "backup", "--make-key", str(folder / "key"))
            .split("age1", 1)[1]
            .split()[0]
        )
        start = time.monotonic()
        run("-m", "answerable", "backup", "--to", str(folder / "backups"), "--recipients", f"age1{public}")
        taken = time.monotonic() - start
        rows = [
            Row(
                "backup, verified by a restore beside",
                megabytes / taken,
                "MB/s",
                command="python -m bench backup",
            )
        ]
        [sealed] = (folder / "backups").glob("*.age")
        start = time.monotonic()
        run(
            "-m",
            "answerable",
            "restore",
            str(sealed),
            "--identity",
            str(folder / "key"),
            "--into",
            str(folder / "back"),
        )
        taken = time.monotonic() - start
        rows.append(Row("restore of a backup", megabytes / taken, "MB/s", command="python -m bench backup"))
        for row in rows:
            show(row)
        save(rows)


if __name__ == "__main__":
    main()
