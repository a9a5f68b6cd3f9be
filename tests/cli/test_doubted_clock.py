"""A clock that is doubted, on the command line: the worker says why, and two people let it go on."""

from datetime import timedelta
from pathlib import Path

from tests.cli.conftest import Run

from semblance.bootstrap.node import run_node
from semblance.cli.exit_codes import CODES, INCOMPLETE
from semblance.errors import Conflict
from semblance.store.clock_doubts import ClockDoubt, DoubtKind, note_doubt

BELIEVE = ("proposal", "believe-clock", "--reason", "The bureau was shut over the summer")


def test_the_worker_stops_until_two_people_believe_the_clock(run: Run, home: Path) -> None:
    assert run(*BELIEVE, by="dora").exit_code == CODES[Conflict]
    with run_node(home) as node, node.store.writing() as tx:
        now = node.clock()
        note_doubt(tx, ClockDoubt(DoubtKind.JUMP, now, now - timedelta(days=40)))
    stopped = run("worker", "--once")
    assert stopped.exit_code == INCOMPLETE
    assert "expire-records: not done: The clock says" in stopped.output
    assert "believe-clock" in stopped.output
    proposed = run(*BELIEVE)
    assert proposed.exit_code == 0, proposed.output
    assert "The clock says" in proposed.output
    assert run("worker", "--once").exit_code == INCOMPLETE
    confirmed = run("proposal", "confirm", "1", by="ada")
    assert confirmed.exit_code == 0, confirmed.output
    done = run("worker", "--once")
    assert done.exit_code == 0, done.output
