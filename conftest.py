"""Every test process has its own data folder; nothing reaches the folder of a real installation."""

import atexit
import os
import shutil
import tempfile

import pytest

_data = tempfile.mkdtemp(prefix="answerable-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ |= {"ANSWERABLE_TESTING": "1", "ANSWERABLE_WORK_BITS": "4", "ANSWERABLE_DATA": _data}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The ledger's writer thread ends with the tests."""
    from answerable.ledger import sequencer

    sequencer.stop()
