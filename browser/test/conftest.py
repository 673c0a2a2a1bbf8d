"""Browser tests of src/files and src/return: real Chromium, the built pages, one small server in memory.

Run: `python -m pytest browser/test` (BUNDLE names another bundle than the committed one).
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

BROWSER = Path(__file__).resolve().parent.parent
BUNDLE = Path(os.environ.get("BUNDLE", BROWSER.parent / "answerable" / "ui" / "bundle"))
BUILD = """
const esbuild = await import("esbuild")
const [source, outfile, platform] = process.argv.slice(1)
const target = platform === "node" ? "node20" : "es2020"
await esbuild.build({ entryPoints: [source], outfile, bundle: true, format: "esm", platform, target, logLevel: "warning" })
"""


def build(source: str, out: Path, platform: str) -> Path:
    command = ["node", "--input-type=module", "-e", BUILD, source, str(out), platform]
    subprocess.run(command, cwd=BROWSER, check=True, timeout=60)
    return out


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    more = "--disable-component-update --disable-sync --enable-precise-memory-info"
    fake = "--use-fake-ui-for-media-stream --use-fake-device-for-media-stream"
    args = f"{quiet} {more} {fake}".split()
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": args}


class World:
    """The server of test/return/server.ts, and what it said about itself. One for each module: its keys take seconds."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.base = f"http://127.0.0.1:{facts['port']}"

    def words(self, which: str, language: str = "en") -> str:
        return ("" if language == "zh" else " ").join(self.facts[which][language])

    def control(self, page: Page, what: str, **order: Any) -> Any:
        return page.request.post(f"{self.base}/control/{what}", data=order).json()


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("programs")
    server = build("test/return/server.ts", folder / "server.mjs", "node")
    harness = build("test/files/harness.ts", folder / "harness.js", "browser")
    return server, harness


@pytest.fixture(scope="module")
def world(programs: tuple[Path, Path]) -> Iterator[World]:
    server, harness = programs
    command = ["node", str(server), str(BUNDLE), str(harness)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield World(json.loads(process.stdout.readline()))
        finally:
            process.terminate()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """Whatever the page complains about; a policy that was broken fails the test."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None
    )
    yield said
    assert said == []


@pytest.fixture
def come_back(page: Page, world: World, complaints: list[str]) -> Callable[..., Page]:
    def open_mailbox(which: str = "main", language: str = "en") -> Page:
        page.goto(f"{world.base}/o/tidewick/{language}/return")
        page.fill("#twelve", world.words(which, language))
        page.click("[data-testid=open-mailbox]")
        page.wait_for_selector("[data-testid=thread]")
        return page

    return open_mailbox
