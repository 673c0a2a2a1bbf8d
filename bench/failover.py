"""How long a fail-over takes: primary with a synchronous standby, killed under load, the standby promoted at once.

Patroni needs its own time to notice that the primary is gone (its `ttl`, 30 seconds unless set); that comes on top.
"""

import tempfile
from pathlib import Path

from bench import table
from bench.stage import ROOT
from bench.table import Row
from tests.failing_over import fail_over

COMMAND = "python -m bench failover"


def main() -> None:
    """600 reports by 16 clients, durable on both; the primary dies after a third."""
    with tempfile.TemporaryDirectory(prefix="answerable-bench-", dir=ROOT / "bench") as folder:
        outcome = fail_over(Path(folder) / "data", reports=600, clients=16, durable=True)
    rows = [
        Row("fail-over: from the kill to the first report taken", outcome.seconds, "s", "", "", COMMAND),
        Row("fail-over: acknowledged before the kill", outcome.before, "reports", "", "", COMMAND),
        Row("fail-over: acknowledged in all", len(outcome.acknowledged), "reports", "601", "", COMMAND),
        Row("fail-over: acknowledged and lost", len(outcome.lost), "reports", "0", "", COMMAND),
        Row("fail-over: the log verifies (0 is yes)", outcome.fsck, "", "0", "", COMMAND),
    ]
    for row in rows:
        table.show(row)
    table.save(rows)
