"""A pytest plugin (`-p tests.environment`): every test process has a data folder of its own.

Loaded before pytest-django reads the settings; a conftest would come too late.
"""

import atexit
import os
import shutil
import tempfile

import pytest

_data = tempfile.mkdtemp(prefix="answerable-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ |= {
    "ANSWERABLE_CONFIG": "",
    "ANSWERABLE_TESTING": "1",
    "ANSWERABLE_WORK_BITS": "4",
    "ANSWERABLE_DATA": _data,
}


def pytest_configure() -> None:
    """No example fails for being slow: a loaded machine is no mistake of ours."""
    from hypothesis import settings

    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The ledger's writer thread ends with the tests."""
    import sys

    if "answerable.ledger.sequencer" in sys.modules:
        sys.modules["answerable.ledger.sequencer"].stop()
