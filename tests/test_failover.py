"""The primary is killed under load and its synchronous standby takes over: nothing that was acknowledged is lost."""

from pathlib import Path

import pytest

from tests.failing_over import fail_over

pytestmark = pytest.mark.postgres


def test_a_killed_primary_loses_no_acknowledged_report(tmp_path: Path) -> None:
    outcome = fail_over(tmp_path / "data", reports=150, clients=8)
    assert len(outcome.acknowledged) == 151, "everybody was answered in the end"
    assert 0 < outcome.before < 150, "it was killed in the middle"
    assert outcome.lost == []
    assert outcome.fsck == 0, "the log goes on, whole"
    assert outcome.seconds < 60
