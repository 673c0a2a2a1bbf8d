"""What is made in the data folder is readable by its owner alone, whatever the shell's umask is."""

import os
import subprocess
import sys
from pathlib import Path


def test_nothing_in_the_data_folder_is_open_to_others(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    environment = {**os.environ, "ANSWERABLE_DATA": str(data), "ANSWERABLE_TESTING": "1"}
    subprocess.run(
        [sys.executable, "-m", "answerable", "migrate"],
        check=True,
        env=environment,
        umask=0o022,
        capture_output=True,
        timeout=100,
    )
    made = list(data.rglob("*"))
    assert made
    assert [each.name for each in made if each.stat().st_mode & 0o077] == []
