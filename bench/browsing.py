"""Chromium for benchmarks: a page with a slow line or a slow processor, and what came over the wire."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench import stage

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Wire:
    """Counts what a page loads; bytes as they came, compressed, with headers."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = self.requests = 0
        session.send("Network.enable")
        session.on("Network.responseReceived", self._one)
        session.on("Network.loadingFinished", self._finished)

    def _one(self, _event: Any) -> None:
        self.requests += 1

    def _finished(self, event: Any) -> None:
        self.bytes += int(event["encodedDataLength"])


@contextlib.contextmanager
def page(browser: Browser, *, slow_line: bool = False, slower: float = 1) -> Iterator[tuple[Page, Wire]]:
    """A phone's page with an empty cache. `slow_line`: 400 kbit/s and 400 ms; `slower`: how many times the CPU is."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    try:
        opened = context.new_page()
        session = context.new_cdp_session(opened)
        wire = Wire(session)
        if slow_line:
            speed = 400_000 / 8
            session.send(
                "Network.emulateNetworkConditions",
                {"offline": False, "latency": 400, "downloadThroughput": speed, "uploadThroughput": speed},
            )
        if slower > 1:
            session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        yield opened, wire
    finally:
        context.close()


def script() -> str:
    """The site's own modules that `bench/browser/sealing.ts` needs, as one script."""
    with tempfile.TemporaryDirectory(prefix="answerable-bench-", dir=stage.ROOT / "bench") as folder:
        out = Path(folder) / "sealing.js"
        subprocess.run(
            [
                stage.ROOT / "browser" / "node_modules" / ".bin" / "esbuild",
                "../bench/browser/sealing.ts",
                "--bundle",
                "--format=iife",
                "--target=es2020",
                "--log-level=error",
                f"--outfile={out}",
            ],
            cwd=stage.ROOT / "browser",
            env={"PATH": "/usr/bin:/bin", "NODE_PATH": str(stage.ROOT / "browser" / "node_modules")},
            check=True,
        )
        return out.read_text(encoding="utf-8")
