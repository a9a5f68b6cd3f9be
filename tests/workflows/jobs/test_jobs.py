"""Jobs: begun, done, looked at, broken off, taken over; nothing of what they saved is left when they end."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.accounts import add_cast
from tests.cast import ALICE, BOB, CAROL, DORA, EMIL, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.jobs.counting import COUNTING, SECRET, begin, list_counted, make_counting, work
from tests.workflows.searching import open_case

from semblance.audit.entry import read_entry
from semblance.cases.case import CaseState
from semblance.errors import Conflict, KeyDestroyed, NotFound, RefusedByPolicy, StoreFull, VerificationError
from semblance.messages.message import Message, quote_text
from semblance.node.node import Node
from semblance.store import cases, jobs, ledger
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.whole import find_all_damaged
from semblance.store.schema.job import job as job_table
from semblance.store.vault import unseal
from semblance.terms.ids import JobId, make_id
from semblance.terms.job import JobState, Progress
from semblance.terms.permission import PersonId
from semblance.workflows.cases.cases import close_case
from semblance.workflows.jobs.forget_jobs import JOB_LIFE, forget_jobs
from semblance.workflows.jobs.jobs import cancel_job, list_jobs, read_job
from semblance.workflows.jobs.kind import JobKind, JobRun
from semblance.workflows.jobs.run_jobs import run_jobs, running_jobs
from semblance.workflows.scheduled.expire import expire_cases


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    made = make_node()
    add_cast(made)
    return made


def list_acts(node: Node) -> list[tuple[str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["action"], entry["person"]) for entry in entries if entry["action"].startswith("job.")]


def make_failing(error: BaseException) -> JobKind:
    def fail(_run: JobRun, _number: int) -> None:
        raise error

    return make_counting(fail)


def die(_run: JobRun, number: int) -> None:
    """Break off as a kill would: nothing is given back, nothing is ended."""
    if number == 2:
        raise KeyboardInterrupt


def test_a_job_is_done_and_the_ledger_says_when_it_began_and_ended(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE)
    assert read_job(node, ALICE, asked.id) == replace(asked, progress=Progress())
    assert work(node)
    done = read_job(node, ALICE, asked.id)
    assert (done.state, str(done.ending), done.progress.done, done.progress.total) == (JobState.DONE, "5 counted", 5, 5)
    assert done.ended_at is not None
    assert list_counted(node) == [1, 2, 3, 4, 5]
    assert list_acts(node) == [("job.begin", "alice"), ("job.end", "semblance-worker")]
    assert not work(node)


def test_a_job_that_ended_long_ago_is_forgotten_and_the_ledger_says_so(node: Node, clock: Clock) -> None:
    ended, forged = begin(node, ALICE), begin(node, BOB)
    assert work(node)
    assert work(node)
    clock.now += JOB_LIFE - timedelta(minutes=1)
    waiting = begin(node, ALICE)
    assert sum(forget_jobs(node)) == 0
    clock.now += timedelta(minutes=2)
    with node.store.writing() as tx:
        mine = job_table.c.id == forged.id
        tx.connection.execute(sa.update(job_table).where(mine).values(state=JobState.FAILED))
    # one that was changed by hand stays, so that verifying names it
    assert sum(forget_jobs(node)) == 1
    assert list_acts(node)[-1] == ("job.forget", "semblance-worker")
    with node.store.reading() as tx:
        held = set(tx.connection.scalars(sa.select(job_table.c.id)))
        assert held == {forged.id, waiting.id}
        assert set(find_all_damaged(tx)) == {f"job/{forged.id}"}
    with pytest.raises(NotFound):
        read_job(node, ALICE, ended.id)
    assert sum(forget_jobs(node)) == 0


def test_jobs_are_done_in_the_order_in_which_they_were_asked_for(node: Node) -> None:
    asked = [begin(node, actor, total) for actor, total in ((ALICE, 1), (BOB, 2), (ALICE, 3))]
    assert run_jobs(node, threading.Event(), {"count": COUNTING}, once=True) == 3
    assert list_counted(node) == [1, 1, 2, 1, 2, 3]
    assert [job.id for job in list_jobs(node, ALICE).jobs] == [asked[2].id, asked[0].id]
    assert [job.id for job in list_jobs(node, CAROL, everybody=True).jobs] == [job.id for job in reversed(asked)]


def test_pages_of_the_list_leave_nothing_out(node: Node) -> None:
    asked = [begin(node, ALICE).id for _ in range(5)]
    found, after = list[JobId](), None
    while True:
        page = list_jobs(node, ALICE, after=after, limit=2)
        found += [job.id for job in page.jobs]
        if (after := page.next_after) is None:
            break
    assert found == asked[::-1]


def test_a_worker_that_was_killed_is_followed_by_the_next_from_what_was_saved(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE)
    with pytest.raises(KeyboardInterrupt):
        work(node, make_counting(die))
    clock.now += timedelta(seconds=29)
    assert not work(node), "the lease of the killed one is not over"
    clock.now += timedelta(seconds=2)
    assert work(node)
    assert read_job(node, ALICE, asked.id).state is JobState.DONE
    assert list_counted(node) == [1, 2, 3, 4, 5]


def test_a_heartbeat_keeps_the_job_and_tells_how_far_it_is(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE)
    seen = []

    def go_slowly(run: JobRun, number: int) -> None:
        clock.now += timedelta(seconds=20)
        run.beat(timedelta(seconds=30))
        looked = read_job(node, ALICE, asked.id)
        seen.append((looked, work(node), looked.progress.estimate_left(clock.now)))

    assert work(node, make_counting(go_slowly))
    assert [other for _, other, _ in seen] == [False] * 5
    assert [job.progress.done for job, _, _ in seen] == [1, 2, 3, 4, 5]
    left = seen[1][2]
    # two numbers took forty seconds, and three are left
    assert left is not None
    assert abs(left - timedelta(seconds=60)) < timedelta(seconds=1)
    assert seen[0][0].state is JobState.RUNNING


def test_two_workers_never_do_the_same_job(make_node: Callable[..., Node], node: Node) -> None:
    for total in range(1, 9):
        begin(node, ALICE, total)
    workers = [node, make_node(), make_node()]
    threads = [
        threading.Thread(target=run_jobs, args=(each, threading.Event(), {"count": COUNTING}), kwargs={"once": True})
        for each in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while work(node):
        pass
    assert sorted(list_counted(node)) == sorted(number for total in range(1, 9) for number in range(1, total + 1))
    assert [act for act, _ in list_acts(node)].count("job.end") == 8


def test_whoever_lost_a_job_to_another_worker_writes_nothing_more(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE)

    def sleep(run: JobRun, number: int) -> None:
        if number == 2:
            clock.now += timedelta(minutes=5)
            assert work(node), "another worker takes it over, and ends it"
            assert not run.stopped()

    assert not work(node, make_counting(sleep))
    assert list_counted(node) == [1, 2, 3, 4, 5], "its third step was undone as a whole"
    assert read_job(node, ALICE, asked.id).state is JobState.DONE
    assert [act for act, _ in list_acts(node)] == ["job.begin", "job.end"]


def test_a_worker_that_is_told_to_stop_does_so_within_a_step_and_gives_the_job_back(node: Node) -> None:
    asked, stop = begin(node, ALICE), threading.Event()

    def end(_run: JobRun, number: int) -> None:
        if number == 3:
            stop.set()

    assert not work(node, make_counting(end), stop)
    given = read_job(node, ALICE, asked.id)
    assert (given.state, list_counted(node)) == (JobState.WAITING, [1, 2, 3])
    assert work(node)
    assert list_counted(node) == [1, 2, 3, 4, 5]
    assert [act for act, _ in list_acts(node)] == ["job.begin", "job.end"]


def test_jobs_run_beside_everything_else_and_end_with_it(node: Node) -> None:
    node = replace(node, clock=node.clock)
    asked, stopped = begin(node, ALICE, 10_000), threading.Event()
    begun = threading.Event()

    def look(run: JobRun, number: int) -> None:
        begun.set()
        if run.stopped():
            stopped.set()

    with running_jobs(node, {"count": make_counting(look)}):
        assert begun.wait(30)
    assert stopped.is_set()
    assert read_job(node, ALICE, asked.id).state is JobState.WAITING


def test_a_job_that_waits_is_cancelled_at_once(node: Node) -> None:
    asked = begin(node, ALICE)
    assert cancel_job(node, ALICE, asked.id).state is JobState.CANCELLED
    assert not work(node)
    with pytest.raises(Conflict, match="ended already"):
        cancel_job(node, ALICE, asked.id)
    assert list_acts(node) == [("job.begin", "alice"), ("job.cancel", "alice")]


def test_a_job_that_runs_is_cancelled_within_a_step(node: Node) -> None:
    asked = begin(node, ALICE)

    def cancel(run: JobRun, number: int) -> None:
        if number == 2:
            told = cancel_job(node, CAROL, asked.id)
            assert (told.state, told.cancelled_by) == (JobState.RUNNING, "carol")
            run.beat(timedelta(seconds=30))

    assert work(node, make_counting(cancel))
    assert read_job(node, ALICE, asked.id).state is JobState.CANCELLED
    assert list_counted(node) == [1, 2], "what it did until then stays"
    wanted = [("job.begin", "alice"), ("job.cancel", "carol"), ("job.end", "semblance-worker")]
    assert list_acts(node) == wanted


def test_a_cancelled_job_of_a_killed_worker_is_not_done_again(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE)
    with pytest.raises(KeyboardInterrupt):
        work(node, make_counting(die))
    assert cancel_job(node, ALICE, asked.id).state is JobState.RUNNING
    clock.now += timedelta(minutes=1)
    assert work(node)
    assert (read_job(node, ALICE, asked.id).state, list_counted(node)) == (JobState.CANCELLED, [1, 2])


def test_a_job_that_kills_its_workers_fails_in_words(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE)

    def kill(_node: Node, _run: JobRun) -> Message | None:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            work(node, replace(COUNTING, run=kill))
        clock.now += timedelta(minutes=1)
    assert work(node)
    failed = read_job(node, ALICE, asked.id)
    assert failed.state is JobState.FAILED
    assert "broke its worker off 3 times in a row" in str(failed.ending)


def test_a_job_that_gets_on_is_tried_as_often_as_it_needs(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE, 6)

    def kill(_run: JobRun, _number: int) -> None:
        raise KeyboardInterrupt

    for _ in range(6):
        with pytest.raises(KeyboardInterrupt):
            work(node, make_counting(kill))
        clock.now += timedelta(minutes=1)
    assert work(node)
    assert (read_job(node, ALICE, asked.id).state, list_counted(node)) == (JobState.DONE, [1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize(
    ("error", "words"),
    [(Conflict(quote_text("The file is gone.")), "The file is gone."), (ZeroDivisionError(), "nobody foresaw")],
)
def test_a_failure_is_told_in_words_and_loses_nothing(node: Node, error: Exception, words: str) -> None:
    asked = begin(node, ALICE)
    assert work(node, make_failing(error))
    failed = read_job(node, ALICE, asked.id)
    assert failed.state is JobState.FAILED
    assert words in str(failed.ending)
    assert list_counted(node) == [1]
    assert work(node) is False


def test_a_job_that_ends_without_a_word_has_failed(node: Node) -> None:
    asked = begin(node, ALICE)
    assert work(node, replace(COUNTING, run=lambda _node, _run: None))
    assert read_job(node, ALICE, asked.id).state is JobState.FAILED


def test_a_full_disk_only_makes_a_job_wait(node: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, save, full = begin(node, ALICE), jobs.save_state, [True]

    def save_or_fail(*values: object) -> None:
        if full[0] and len(list_counted(node)) == 3:
            raise StoreFull("test.error", "There is no room left; make room.")
        save(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "save_state", save_or_fail)
    for _ in range(5):
        assert not work(node)
        clock.now += timedelta(minutes=1)
    waiting = read_job(node, ALICE, asked.id)
    assert (waiting.state, list_counted(node)) == (JobState.WAITING, [1, 2, 3])
    full[0] = False
    assert work(node)
    assert list_counted(node) == [1, 2, 3, 4, 5]


def test_a_store_without_any_room_keeps_the_job_as_it_was(node: Node, clock: Clock) -> None:
    """SQLite says so itself: its file may not grow."""
    if node.store.kind != "SQLite":
        pytest.skip("a server's disk cannot be filled here")
    asked = begin(node, ALICE, 150)
    place = node.store._place

    def fill(run: JobRun, number: int) -> None:
        if number == 3:
            limit(node, 1)

    assert not work(node, make_counting(fill))
    counted = list_counted(node)
    limit(node, 2**30)
    clock.now += timedelta(minutes=5)
    assert Path(place).exists()
    assert work(node)
    assert len(counted) < 150
    assert list_counted(node) == list(range(1, 151))
    assert read_job(node, ALICE, asked.id).state is JobState.DONE


def limit(node: Node, pages: int) -> None:
    """Let the file of the store have no more pages than this, or than it has."""
    with node.store._engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute(f"PRAGMA max_page_count = {pages}")


def test_nobody_else_sees_a_job_and_an_unknown_one_is_refused_alike(node: Node) -> None:
    asked = begin(node, ALICE)
    for actor in (BOB, DORA, EMIL):
        with pytest.raises(NotFound) as hidden:
            read_job(node, actor, asked.id)
        unknown = JobId(make_id())
        with pytest.raises(NotFound) as missing:
            read_job(node, actor, unknown)
        assert str(hidden.value).replace(asked.id, "") == str(missing.value).replace(unknown, "")
        with pytest.raises(NotFound):
            cancel_job(node, actor, asked.id)
        assert list_jobs(node, actor).jobs == ()
    with pytest.raises(RefusedByPolicy):
        list_jobs(node, BOB, everybody=True)
    assert list_jobs(node, replace(CAROL, authority=EMIL.authority), everybody=True).jobs == ()
    assert read_job(node, CAROL, asked.id).id == asked.id


def test_mallory_is_refused_everything(node: Node) -> None:
    asked = begin(node, ALICE)
    for act in (read_job, cancel_job):
        with pytest.raises(RefusedByPolicy):
            act(node, MALLORY, asked.id)
    for everybody in (False, True):
        with pytest.raises(RefusedByPolicy):
            list_jobs(node, MALLORY, everybody=everybody)


def test_jobs_of_a_case_are_open_to_whoever_may_read_it_and_end_with_it(node: Node) -> None:
    case = open_case(node)
    asked, own = begin(node, ALICE, case=case), begin(node, ALICE)
    assert [job.id for job in list_jobs(node, BOB, case=case.id).jobs] == [asked.id]
    assert read_job(node, BOB, asked.id).case == case.id
    with pytest.raises(NotFound):
        cancel_job(node, BOB, asked.id)
    with pytest.raises(RefusedByPolicy):
        list_jobs(node, EMIL, case=case.id)
    close_case(node, BOB, case.id, reason="The person was found by others")
    ended = read_job(node, ALICE, asked.id)
    assert (ended.state, ended.cancelled_by) == (JobState.CANCELLED, "bob")
    assert read_job(node, ALICE, own.id).state is JobState.WAITING
    assert list_acts(node)[-1] == ("job.end", "bob")


def test_a_case_that_expires_takes_its_running_job_with_it(node: Node, clock: Clock) -> None:
    case = open_case(node)
    asked = begin(node, ALICE, case=case)

    def expire(run: JobRun, number: int) -> None:
        if number == 2:
            clock.now += timedelta(days=400)
            assert expire_cases(node) == 1

    assert not work(node, make_counting(expire))
    assert list_counted(node) == [1, 2]
    ended = read_job(node, ALICE, asked.id)
    assert (ended.state, ended.cancelled_by) == (JobState.CANCELLED, "semblance-worker")
    with node.store.reading() as tx:
        found = cases.find_case(tx, case.id)
    assert found is not None
    assert found.state is CaseState.EXPIRED


def test_what_a_job_saved_is_unreadable_while_it_runs_and_gone_when_it_ends(node: Node, clock: Clock) -> None:
    asked = begin(node, ALICE)
    with pytest.raises(KeyboardInterrupt):
        work(node, make_counting(die))
    with node.store.reading() as tx:
        row = tx.connection.execute(sa.select(job_table)).one()
        place = f"job.saved/{asked.id}"
        assert unseal(tx, KeyId(row.key_id), place, bytes(row.saved)) == SECRET + b"2"
        assert SECRET not in bytes(row.saved)
    for ending in (work, lambda node: cancel_job(node, ALICE, begin(node, ALICE).id), work):
        clock.now += timedelta(minutes=1)
        ending(node)
    with node.store.reading() as tx:
        for left in tx.connection.execute(sa.select(job_table)):
            assert (left.saved, left.arguments) == (None, None)
            with pytest.raises(KeyDestroyed):
                # a copy that was made before is of no use
                unseal(tx, KeyId(left.key_id), place, bytes(row.saved))
    if node.store.kind == "SQLite":
        assert node.store.clear_deleted()
        path = Path(node.store._place)
        raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
        assert SECRET not in raw
        assert bytes(row.saved) not in raw


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("person_id", "bob"),
        ("authority", "DE"),
        ("state", "done"),
        ("kind", "count-more"),
        ("cancelled_by", "carol"),
        ("key_id", "job-another"),
    ],
)
def test_a_row_changed_by_hand_gives_nobody_a_job(node: Node, column: str, value: str) -> None:
    asked, other = begin(node, ALICE), begin(node, BOB, 2)
    with node.store.writing() as tx:
        tx.connection.execute(sa.update(job_table).where(job_table.c.id == asked.id).values({column: value}))
    for act in (read_job, cancel_job):
        with pytest.raises(VerificationError, match=f"job/{asked.id}"):
            act(node, BOB, asked.id)
    assert [job.id for job in list_jobs(node, BOB).jobs] == [other.id]
    assert list_jobs(node, EMIL).jobs == ()
    # it holds nobody else up
    assert work(node)
    assert not work(node)
    assert list_counted(node) == [1, 2]


def test_a_job_written_by_hand_is_not_done(node: Node) -> None:
    asked = begin(node, ALICE)
    with node.store.writing() as tx:
        row = tx.connection.execute(sa.select(job_table)).one()
        forged = {**row._asdict(), "id": make_id(), "person_id": "bob"}
        tx.connection.execute(sa.insert(job_table).values(forged))
        tx.connection.execute(sa.delete(job_table).where(job_table.c.id == asked.id))
    assert not work(node)
    assert list_jobs(node, BOB).jobs == ()


def test_a_saved_state_changed_by_hand_fails_the_job_and_no_other(node: Node, clock: Clock) -> None:
    asked, other = begin(node, ALICE), begin(node, BOB, 1)
    with pytest.raises(KeyboardInterrupt):
        work(node, make_counting(die))
    with node.store.writing() as tx:
        tx.connection.execute(sa.update(job_table).where(job_table.c.id == asked.id).values(saved=b"x" * 60))
    clock.now += timedelta(minutes=1)
    assert run_jobs(node, threading.Event(), {"count": COUNTING}, once=True) == 2
    failed = read_job(node, ALICE, asked.id)
    assert failed.state is JobState.FAILED
    assert "changed or moved by hand" in str(failed.ending)
    assert read_job(node, BOB, other.id).state is JobState.DONE


def test_whoever_asked_and_may_not_act_any_more_is_given_nothing(node: Node) -> None:
    asked = begin(node, replace(ALICE, person=PersonId("nobody")))
    assert work(node)
    with node.store.reading() as tx:
        found = jobs.find_job(tx, asked.id)
    assert found is not None
    assert (found.state, list_counted(node)) == (JobState.FAILED, [])


def test_a_kind_that_this_program_does_not_know_waits(node: Node) -> None:
    asked = begin(node, ALICE)
    assert not work(node, replace(COUNTING, name="another"))
    assert read_job(node, ALICE, asked.id).state is JobState.WAITING


def test_nobody_fills_the_queue(node: Node) -> None:
    for _ in range(20):
        begin(node, ALICE)
    with pytest.raises(Conflict, match="20 jobs of yours"):
        begin(node, ALICE)
    begin(node, BOB)


def test_time_left_is_told_only_where_it_can_be(clock: Clock) -> None:
    now = clock.now
    for progress in (Progress(5), Progress(5, 10), Progress(5, 10, now, 5), Progress(5, 10, now + timedelta(1), 0)):
        assert progress.estimate_left(now + timedelta(seconds=1)) is None
    assert Progress(8, 10, now, 4).estimate_left(now + timedelta(seconds=8)) == timedelta(seconds=4)
    assert Progress(10, 10, now, 4).estimate_left(now + timedelta(seconds=8)) == timedelta(0)


def test_what_a_job_came_to_goes_with_its_case(node: Node, clock: Clock) -> None:
    case = open_case(node)
    asked = begin(node, ALICE, case=case)
    work(node)
    assert str(read_job(node, ALICE, asked.id).ending) == "5 counted"
    with node.store.writing() as tx:
        cases.erase_case(tx, case.id)
    assert read_job(node, ALICE, asked.id).ending is None
