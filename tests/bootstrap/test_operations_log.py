"""The operations log never tells of a person."""

import pytest
import structlog

from semblance.bootstrap.operations_log import configure_logging


def test_what_tells_of_a_person_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    structlog.get_logger().info("photo enrolled", person="alice", subject="FR-1", name="a.jpg", image=b"\xff", count=3)
    written = capsys.readouterr().err
    assert "photo enrolled" in written
    assert "count=3" in written
    for told in ("alice", "FR-1", "a.jpg", "xff"):
        assert told not in written


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("error")
    structlog.get_logger().info("nothing worth a line")
    assert capsys.readouterr().err == ""
