"""The ledger verified as a job: part by part, over a kill, with the same verdict as at once."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.accounts import add_cast
from tests.cast import ALICE, DORA
from tests.workflows.conftest import Clock
from tests.workflows.jobs.counting import PACE
from tests.workflows.searching import open_case

from semblance.audit.checkpoint import SigningKey
from semblance.errors import LedgerBroken, RefusedByPolicy
from semblance.node.node import Node
from semblance.store import ledger, worker_notes
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.schema.job import job as job_table
from semblance.store.schema.ledger import ledger_checkpoint, ledger_entry, ledger_node
from semblance.store.schema.request import verification
from semblance.terms.job import Job, JobState
from semblance.workflows.jobs.jobs import read_job
from semblance.workflows.jobs.run_jobs import run_next_job
from semblance.workflows.oversight.ledger import recompute_ledger
from semblance.workflows.oversight.verify_job import begin_verification
from semblance.workflows.scheduled.kinds import KINDS

KEY = SigningKey("test/node", b"k" * 32)

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def signed(
    make_node: Callable[..., Node], store_url: str, keyring: Keyring, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Node:
    """Return a node whose ledger has some thirty entries, read three at a time."""
    monkeypatch.setattr(ledger, "_CHUNK", 3)
    node = make_node()
    node.store.ledger = LedgerSeat(KEY)
    add_cast(node)
    for number in range(10):
        open_case(node, number=f"FR-2026-{number}")
    for _ in range(6):
        with pytest.raises(RefusedByPolicy):
            begin_verification(node, ALICE)
    return node


def stop_after(parts: int, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return a stop that is set when so many parts were recomputed."""
    stop, recompute, seen = threading.Event(), ledger.recompute_part, [0]

    def count(*values: object) -> bool:
        seen[0] += 1
        if seen[0] == parts:
            stop.set()
        return recompute(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "recompute_part", count)
    return stop


def work(node: Node, stop: threading.Event | None = None) -> bool:
    return run_next_job(node, stop or threading.Event(), KINDS, pace=PACE)


def read(node: Node, job: Job) -> Job:
    return read_job(node, DORA, job.id)


def test_it_goes_on_where_another_worker_stopped(signed: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    job = begin_verification(signed, DORA)
    assert not work(signed, stop_after(3, monkeypatch))
    assert read(signed, job).progress.done == 9
    open_case(signed, number="FR-2026-more")
    assert work(signed, stop_after(100, monkeypatch))
    done, verified = read(signed, job), recompute_ledger(signed)
    assert done.state is JobState.DONE
    assert verified is not None
    # that the job ended is an entry of its own
    assert str(done.ending) == f"{verified.entries - 1} entries, none changed, removed, moved or added"
    with signed.store.reading() as tx:
        last = worker_notes.find_last_verification(tx)
    assert last is not None
    assert (last.person, last.entries, last.fault) == ("dora", verified.entries - 1, None)


_OLDER = sa.select(ledger_checkpoint.c.note).where(ledger_checkpoint.c.size == 13).scalar_subquery()


@pytest.mark.parametrize(
    "forgery",
    [
        sa.delete(ledger_entry).where(ledger_entry.c.number == 14),
        sa.update(ledger_entry).where(ledger_entry.c.number == 14).values(data=b'{"number":14}'),
        sa.delete(ledger_node).where(ledger_node.c.position == 14),
        sa.update(ledger_checkpoint).where(ledger_checkpoint.c.size == 14).values(note=_OLDER),
    ],
    ids=["entry-removed", "entry-changed", "hash-removed", "checkpoint-changed"],
)
def test_what_was_changed_ahead_of_it_ends_it_as_failed(
    signed: Node, monkeypatch: pytest.MonkeyPatch, forgery: sa.Delete | sa.Update
) -> None:
    job = begin_verification(signed, DORA)
    assert not work(signed, stop_after(2, monkeypatch))
    with signed.store.writing() as tx:
        for name in tx.connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            tx.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        tx.connection.execute(forgery)
    assert work(signed, stop_after(100, monkeypatch))
    failed = read(signed, job)
    assert failed.state is JobState.FAILED
    with signed.store.reading() as tx:
        last = worker_notes.find_last_verification(tx)
    assert last is not None
    assert last.fault is not None
    assert last.fault == failed.ending


def test_where_the_ledger_is_broken_the_job_stays_and_the_fault_is_noted_once(signed: Node, clock: Clock) -> None:
    """Nothing can be written into such a ledger, so that no job ends either, until a person resolves it."""
    job = begin_verification(signed, DORA)
    with signed.store.writing() as tx:
        for name in tx.connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            tx.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        tx.connection.execute(sa.delete(ledger_checkpoint).where(ledger_checkpoint.c.size > 14))
    for _ in range(2):
        with pytest.raises(LedgerBroken):
            work(signed)
        clock.now += timedelta(minutes=1)
    assert read(signed, job).state is JobState.RUNNING
    with signed.store.reading() as tx:
        faults = tx.connection.execute(sa.select(verification.c.fault)).all()
    assert len(faults) == 1


def test_a_row_that_somebody_forged_is_found_by_it_too(signed: Node) -> None:
    job, other = begin_verification(signed, DORA), begin_verification(signed, DORA)
    with signed.store.writing() as tx:
        tx.connection.execute(sa.update(job_table).where(job_table.c.id == other.id).values(person_id="alice"))
    assert work(signed)
    failed = read(signed, job)
    assert failed.state is JobState.FAILED
    assert f"job/{other.id}" in str(failed.ending)
