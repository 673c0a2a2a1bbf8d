"""What outsiders get: documented names, a true example, and nothing but the standard library and `cryptography`."""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from pathlib import Path

import pytest

import answerable_protocol

ROOT = Path(__file__).parent.parent
MODULES = [each.name for each in pkgutil.iter_modules(answerable_protocol.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_says_what_it_is(name):
    module = importlib.import_module(f"answerable_protocol.{name}")
    assert module.__doc__, "a module says what its rules are"
    assert module.__all__
    for public in module.__all__:
        found = getattr(module, public)
        if inspect.isfunction(found) or inspect.isclass(found):
            assert inspect.getdoc(found), public
        if inspect.isclass(found):
            for own, value in vars(found).items():
                if not own.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{public}.{own}"


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_defines_for_others_is_in_its_list(name):
    module = importlib.import_module(f"answerable_protocol.{name}")
    own = {
        public
        for public, found in vars(module).items()
        if not public.startswith("_")
        and (inspect.isfunction(found) or inspect.isclass(found))
        and found.__module__ == module.__name__
    }
    assert own <= set(module.__all__)


def test_only_the_standard_library_and_cryptography_are_imported():
    allowed = sys.stdlib_module_names | {"cryptography", "answerable_protocol"}
    for path in Path(answerable_protocol.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert {each.split(".")[0] for each in names} <= allowed, path


def test_the_package_names_its_modules():
    for name in MODULES:
        assert re.search(rf"\b{name}\b", answerable_protocol.__doc__), name


def test_the_example_in_the_readme_is_true():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    exec(compile(blocks[0], "README.md", "exec"), {})  # the point of this test


def test_every_own_format_has_a_page_and_every_page_names_vectors_that_exist():
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "spec").glob("*.md")}
    for path in (ROOT / "vectors" / "own").glob("*.json"):
        assert any(f"../vectors/own/{path.name}" in page for page in pages.values()), path.name
    for name, page in pages.items():
        for link in re.findall(r"\]\(([^)#]+)", page):
            assert link.startswith("https://") or (ROOT / "spec" / link).exists(), (name, link)
