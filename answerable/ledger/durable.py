"""What a rename or a removal needs to outlive a power loss."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Bring the folder's own entries to the disk (fsync(2): a file's fsync does not). Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
