"""What a reporter's first page and the report page weigh, how soon she can type, and what the proof of work costs her."""

import time

from bench import browsing, stage, table
from bench.table import Row

COMMAND = "python -m bench page"
PEERS = "OpenWhistle 222 kB, Hush Line 710 kB"
PHONE = 6
DEFAULT_BITS, MOST_BITS = 12, 18


def measure() -> list[Row]:
    """Opens the site as the server serves it, each time with an empty cache."""
    rows: list[Row] = []
    with stage.served() as served, browsing.chromium() as browser:
        first = f"{served.server.base}/o/{stage.ORG}/en/"
        report = f"{first}report"
        for what, address, ready in (
            ("first page", first, "#start-report"),
            ("report page, before typing", report, "main[data-step=begin] #next"),
        ):
            with browsing.page(browser) as (page, wire):
                page.goto(address)
                page.wait_for_selector(ready)
                if address == first:
                    page.wait_for_load_state("networkidle")
                at_once = wire.bytes, wire.requests
                page.wait_for_load_state("networkidle")
                aim = "<= 60" if address == first else ""
                peers = PEERS if address == first else ""
                rows += [
                    Row(f"{what}: over the wire, compressed", at_once[0] / 1000, "kB", aim, peers, COMMAND),
                    Row(f"{what}: requests", at_once[1], "", "", "", COMMAND),
                ]
                if address == report:
                    later = wire.bytes / 1000
                    rows.append(Row("report page, sealing code included", later, "kB", "", "", COMMAND))
        with browsing.page(browser, slow_line=True, slower=4) as (page, _):
            start = time.perf_counter()
            page.goto(first, wait_until="commit")
            page.wait_for_selector("#start-report")
            rows.append(_seconds("first page readable, slow 3G, CPU 4x slower", start))
        with browsing.page(browser, slow_line=True, slower=4) as (page, _):
            start = time.perf_counter()
            page.goto(report, wait_until="commit")
            page.wait_for_selector("main[data-step=begin] #next")
            rows.append(_seconds("report page, first question shown, slow 3G, CPU 4x slower", start))
            page.click("#next")
            page.wait_for_selector("main[data-step=readers] #next")
            page.click("#next")
            page.wait_for_selector("main[data-step=what] #what")
            rows.append(_seconds("report page, opening to ready-to-type, slow 3G, CPU 4x slower", start))
    return rows + _work()


def _seconds(what: str, start: float) -> Row:
    return Row(what, time.perf_counter() - start, "s", "", "", COMMAND)


def _work() -> list[Row]:
    """Expected time of the proof of work: 2^bits hashes at the rate that the site's own code reaches."""
    rows = []
    script = browsing.script()
    with browsing.chromium() as browser:
        for slower, who in ((1, "this machine"), (PHONE, f"an old phone, CPU {PHONE}x slower")):
            with browsing.page(browser, slower=slower) as (page, _):
                page.add_script_tag(content=script)
                page.evaluate("bench.hashes(8, 4)")
                rate = float(page.evaluate("bench.hashes(13, 4)"))
                rows.append(Row(f"proof of work, {who}", rate, "hashes/s", "", "", COMMAND))
                for bits in (DEFAULT_BITS, MOST_BITS):
                    usual = "by default" if bits == DEFAULT_BITS else "at the cap"
                    what = f"proof of work of {bits} bits ({usual}), {who}"
                    rows.append(Row(what, 2**bits / rate, "s", "", "", COMMAND))
    return rows


def main() -> None:
    rows = measure()
    for row in rows:
        table.show(row)
    table.save(rows)
