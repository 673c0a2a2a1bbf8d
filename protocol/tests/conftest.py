"""Vectors, and a maker of examples: the script that makes our own vectors."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="session")
def vectors() -> Any:
    def load(name: str) -> Any:
        return json.loads((VECTORS / name).read_text(encoding="utf-8"))

    return load


@pytest.fixture(scope="session")
def make() -> ModuleType:
    sys.path.insert(0, str(VECTORS))
    try:
        import make  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(VECTORS))
    return make
