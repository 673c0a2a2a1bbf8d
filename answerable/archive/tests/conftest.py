"""An organisation with reports, a message and files, and a key pair of an operator."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from answerable_protocol.encoding import sha256

from answerable.archive.places import Folder
from answerable.archive.sealing import seal
from answerable.archive.snapshot import Stream, snapshot
from answerable.intake.tests import world
from answerable.intake.tests.fixtures import *  # noqa: F403
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.world import Reporter, b64

CHUNK = 1024 * 1024


@pytest.fixture
def identity() -> Any:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def key_file(identity: Any, tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"# ours\n{identity}\n", encoding="ascii")
    return path


@pytest.fixture
def reporters(stage: Stage) -> list[Reporter]:
    """One with a whole file and a message, one whose file came in half, one with none."""
    small, large = world.envelope("attachment", 1, 100_000), world.envelope("attachment", 1, 2 * CHUNK)
    whole, half, bare = stage.sent(attachments=[small]), stage.sent(attachments=[large]), stage.sent()
    for reporter, file in ((whole, small), (half, large)):
        address = f"cases/{reporter.case_text}/attachments/{b64(sha256(file))}"
        answer = stage.chunk(address, file[:CHUNK], 0, len(file))
        assert answer.status_code == 200, answer.content
    assert stage.write(whole, whole.message()).status_code == 201
    return [whole, half, bare]


@pytest.fixture
def sealed(identity: Any, tmp_path: Path, now: datetime) -> Callable[..., Path]:
    """Writes an archive without verifying it: quicker than a backup."""

    def write(**what: Any) -> Path:
        with snapshot() as using:
            stream = Stream(using, now, **what)
            Folder(tmp_path).write(
                "archive.age", lambda out: seal(stream.blocks(), out, [identity.to_public()])
            )
        return tmp_path / "archive.age"

    return write


@pytest.fixture
def files_up_to() -> Callable[[int], Any]:
    """A disk on which no file can become longer: as full, to whoever writes."""
    import resource

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit
