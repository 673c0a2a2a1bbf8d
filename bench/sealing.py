"""How long sealing takes in Chromium, by the site's own modules: a report for four, and attachments."""

import statistics

from bench import browsing, table
from bench.table import Row

COMMAND = "python -m bench sealing"
PHONE = 6
MIB = 1024 * 1024


def measure() -> list[Row]:
    rows = []
    script = browsing.script()
    with browsing.chromium() as browser:
        for slower, who in ((1, "Chromium"), (PHONE, f"Chromium, CPU {PHONE}x slower")):
            with browsing.page(browser, slower=slower) as (page, _):
                page.set_default_timeout(120_000)
                page.add_script_tag(content=script)
                reports = [page.evaluate("bench.report()") for _ in range(4)]
                times = [each["ms"] for each in reports[1:]]
                what = f"seal a report for {reports[0]['panel']}, keys of the case included, {who}"
                rows.append(Row(what, statistics.median(times), "ms", "", "", COMMAND))
                for size in (1, 20):
                    taken = float(page.evaluate(f"bench.attachment({size * MIB})"))
                    rows.append(
                        Row(f"seal an attachment of {size} MiB, {who}", taken / 1000, "s", "", "", COMMAND)
                    )
    return rows


def main() -> None:
    rows = measure()
    for row in rows:
        table.show(row)
    table.save(rows)
