"""A worker's process is killed in the middle of a job, and another goes on from what it saved."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.accounts import add_cast
from tests.cast import ALICE
from tests.workflows.conftest import Clock
from tests.workflows.jobs.counting import begin, list_counted, work

from semblance.node.node import Node
from semblance.terms.job import JobState
from semblance.workflows.jobs.jobs import read_job

ROOT = Path(__file__).parents[3]
TOTAL = 60


def test_what_a_killed_process_saved_is_gone_on_from(
    make_node: Callable[..., Node], store_url: str, tmp_path: Path, clock: Clock
) -> None:
    clock.now = datetime.now(UTC)
    node = make_node()
    add_cast(node)
    asked = begin(node, ALICE, TOTAL)
    words = [
        sys.executable,
        Path(__file__).with_name("killed_job.py"),
        store_url,
        f"sqlite:///{tmp_path / 'keyring.db'}",
    ]
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    worker = subprocess.Popen(list(map(str, words)), env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 120
        while len(list_counted(node)) < 5:
            assert worker.poll() is None, worker.communicate()
            assert time.monotonic() < deadline, "the worker gets nothing done"
            time.sleep(0.02)
        assert read_job(node, ALICE, asked.id).state is JobState.RUNNING
    finally:
        worker.kill()
        worker.communicate()
    counted = list_counted(node)
    clock.now = datetime.now(UTC)
    assert not work(node), "it is the killed worker's still"
    clock.now += timedelta(minutes=1)
    assert work(node)
    assert read_job(node, ALICE, asked.id).state is JobState.DONE
    assert 5 <= len(counted) < TOTAL
    assert list_counted(node) == list(range(1, TOTAL + 1))
