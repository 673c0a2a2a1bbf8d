"""The rules of the house that import contracts cannot say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "answerable"
MEANT_FOR_OTHERS = re.compile(
    r"\w+\.(actions|queries|rules|errors)|organisation\.(access|proposals|seams|secretbox|words)|intake\.(access|seams)|ledger\.(durable|sequencer|rows|trouble)|notices\.seams"
)
"""`capability.module`; the named ones are front doors: docs/decisions/0008."""
PURE_FORBIDDEN = re.compile(r"^(django|time|random|secrets|answerable\.(ui|server|cli))(\.|$)|^os\.urandom$")


def modules(folder: Path) -> Iterator[Path]:
    """Python files of a folder that are neither tests nor migrations."""
    for path in sorted(folder.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts) and path.name != "conftest.py":
            yield path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that `path` imports, as `package.module` or `package.module.name`, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


@pytest.mark.parametrize("path", sorted(SITE.glob("*/rules.py")), ids=lambda path: path.parent.name)
def test_rules_are_pure(path):
    """`rules.py` decides on plain values: no Django, no clock, no chance."""
    wrong = [f"{name} (line {line})" for name, line in imports(path) if PURE_FORBIDDEN.match(name)]
    assert not wrong, wrong
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(datetime\.now|date\.today|timezone\.now|os\.urandom|uuid4)\(", text)


def test_across_capabilities_only_the_meant_modules_are_imported():
    """A capability is used through its actions, queries, rules and errors, and the few front doors of docs/decisions/0008.

    `ui` is below all and meant for all; `server` and `cli` put the house together and may look inside; `archive`
    carries the rows of all of them.
    """
    wrong = []
    for path in modules(SITE):
        own = path.relative_to(SITE).parts[0]
        if own in {"server", "cli", "archive", "__init__.py", "__main__.py"}:
            continue
        for name, line in imports(path):
            parts = name.split(".")
            if parts[0] != "answerable" or len(parts) < 3 or parts[1] in {own, "ui"}:
                continue
            if name.startswith("answerable.organisation.models."):
                continue  # everyone speaks of Organisation and Person: docs/decisions/0007
            if not MEANT_FOR_OTHERS.fullmatch(".".join(parts[1:3])):
                wrong.append(f"{path.relative_to(ROOT)}:{line} {name}")
    assert not wrong, "\n".join(wrong)


def test_there_are_no_signals_and_no_save_overrides():
    wrong = []
    for path in modules(SITE):
        text = path.read_text(encoding="utf-8")
        overrides = path.name == "models.py" and "def save(" in text
        if overrides or re.search(r"django\.(db\.models|core|dispatch)\.?signals|@receiver", text):
            wrong.append(str(path.relative_to(ROOT)))
    assert not wrong, wrong


def test_there_is_no_admin_site_and_no_utils():
    assert not [path for path in modules(SITE) if path.stem in {"utils", "helpers", "common", "admin"}]
    assert "django.contrib.admin" not in (SITE / "server" / "settings.py").read_text(encoding="utf-8")


def test_the_glossary_s_banned_words_are_not_in_the_code():
    """One word, one meaning: see GLOSSARY.md."""
    banned = re.compile(r"\b(victim|accused|perpetrator|ticket|SLA)s?\b|受害者|加害人|工单|案件")
    wrong = []
    for folder, suffixes in (
        (SITE, {".py", ".html", ".json", ".txt"}),
        (ROOT / "protocol" / "src", {".py"}),
        (ROOT / "browser" / "src", {".ts"}),
        (ROOT / "browser" / "pages", {".html", ".json"}),
    ):
        for path in sorted(folder.rglob("*")):
            if path.suffix in suffixes and "bundle" not in path.parts and "tests" not in path.parts:
                found = banned.search(path.read_text(encoding="utf-8"))
                if found:
                    wrong.append(f"{path.relative_to(ROOT)}: {found.group()}")
    assert not wrong, "\n".join(wrong)


def test_every_template_and_script_speaks_both_languages():
    """Each strings file has its twin with the same keys and the same places to fill in."""
    import json

    pages = ROOT / "browser" / "pages"
    twins = [
        (path, path.with_name(path.name.replace(".en.", ".zh.")))
        for path in sorted(pages.glob("strings*.en.json"))
    ]
    assert twins
    for english, chinese in twins:
        left, right = (json.loads(path.read_text(encoding="utf-8")) for path in (english, chinese))
        one = {key for key in left if key.endswith(".one")}  # Chinese has no other form for one
        apart = (left.keys() - one) ^ (right.keys() - one)
        assert not apart, f"{english.name}: {sorted(apart)[:10]}"
        holes = re.compile(r"\{\w+\}")
        uneven = [
            key
            for key in left.keys() & right.keys()
            if set(holes.findall(str(left[key]))) != set(holes.findall(str(right[key])))
        ]
        assert not uneven, f"{english.name}: {uneven[:10]}"


def test_no_machine_path_or_registry_host_is_committed():
    """What is committed names no folder of the machine it was made on, and no package mirror."""
    import subprocess

    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    wrong = []
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".gz", ".br", ".ico"} or not path.is_file() or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        if re.search(r"(?<![\w.])/(work|root|home/\w+)/(main|\.pyenv|shared|\.library)\b|/opt/pypi", text):
            wrong.append(name)
    assert not wrong, wrong
