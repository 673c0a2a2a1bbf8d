"""Every test run has its own data folder; nothing reaches the folder of a real installation."""

import os
import tempfile

os.environ.setdefault("ANSWERABLE_TESTING", "1")
os.environ.setdefault("ANSWERABLE_WORK_BITS", "4")
if "ANSWERABLE_DATA" not in os.environ:
    os.environ["ANSWERABLE_DATA"] = tempfile.mkdtemp(prefix="answerable-test-")
