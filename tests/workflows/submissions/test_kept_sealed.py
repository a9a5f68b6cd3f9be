"""What is held of a submission: sealed, noticed where it is forged, and gone in every file and copy at its end."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.cast import ALICE, CAROL, DORA
from tests.workflows.conftest import Clock
from tests.workflows.submissions.conftest import DRAFT, JPEG, MARKER, MarkedExtractor, draw_photo, make_video, zip_up

from semblance.audit.entry import read_entry
from semblance.cases.case import Case
from semblance.errors import KeyDestroyed, NotFound, PolicyError, SubmissionInvalid, VerificationError
from semblance.gallery.submission import FileKind, FileState, MediaFacts, Submission, SubmittedFile
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.schema.submission import submission as submission_table
from semblance.store.schema.submission import submission_chunk, submission_file
from semblance.store.submission_chunks import CHUNK, SealedSource
from semblance.store.vault import find_unreadable
from semblance.workflows.cases.cases import close_case
from semblance.workflows.oversight.keys import sweep_keys
from semblance.workflows.scheduled.expire import expire_cases
from semblance.workflows.scheduled.worker import run_round
from semblance.workflows.submissions import unpack
from semblance.workflows.submissions.complete import complete_file, submit_whole
from semblance.workflows.submissions.expire import expire_submissions, forget_unfinished
from semblance.workflows.submissions.hand_in import hand_in_photo
from semblance.workflows.submissions.read_facts import read_waiting
from semblance.workflows.submissions.receive import add_file, describe_receiving, receive_chunk
from semblance.workflows.submissions.submissions import (
    begin_submission,
    erase_submission,
    list_submissions,
    move_review,
    read_submission,
)

VIDEO = make_video()
UNREADABLE = Message("test.no-photo", "{name} is not a photo; use JPEG or PNG", name="bad.jpg")
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
TABLES = (submission_table, submission_file, submission_chunk)


def submit(node: Node, submission: Submission, data: bytes = VIDEO, name: str = "counter.mp4") -> SubmittedFile:
    return submit_whole(node, ALICE, submission.id, data, name=name).file


def count_rows(node: Node) -> list[int]:
    with node.store.reading() as tx:
        return [tx.connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in TABLES]


def list_acts(node: Node) -> list[tuple[str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(str(entry["verb"]), str(entry["action"])) for entry in entries]


def write(node: Node, statement: sa.Executable) -> None:
    """Do what somebody with the database alone can do."""
    with node.store._engine.begin() as connection:
        connection.execute(statement)


def test_an_upload_is_gone_on_with_read_back_and_erased(node: Node, case: Case, submission: Submission) -> None:
    made = add_file(node, ALICE, submission.id, name="counter.mp4", size=len(VIDEO))
    for number in (2, 0):
        receive_chunk(node, ALICE, submission.id, made.file.id, number, VIDEO[number * CHUNK : (number + 1) * CHUNK])
    assert describe_receiving(node, ALICE, submission.id, made.file.id).missing == (1,)
    zipped = submit_whole(
        node, ALICE, submission.id, zip_up(**{"a.jpg": draw_photo("A"), "b.mp4": VIDEO}), name="a.zip"
    )
    assert zipped.unpacked is not None
    assert zipped.unpacked.held == 2
    held = {file.name: file for file in read_submission(node, CAROL, submission.id).files}
    assert SealedSource(node.store, held["b.mp4"]).read(CHUNK - 10, 20) == VIDEO[CHUNK - 10 : CHUNK + 10]
    erased = erase_submission(node, DORA, submission.id, reason="Handed in by mistake")
    assert (erased.files, count_rows(node)) == (4, [0, 0, 0])
    assert list_acts(node)[-1] == ("erasure", "submission.erase")
    with pytest.raises(NotFound):
        SealedSource(node.store, held["b.mp4"]).read(0, 10)
    assert list_submissions(node, ALICE, case.id) == ()
    with pytest.raises(NotFound):
        read_submission(node, ALICE, submission.id)
    with pytest.raises(PolicyError):
        erase_submission(node, ALICE, submission.id, reason=" ")


@pytest.mark.parametrize("forgery", ["changed", "moved", "of another file", "taken away", "shortened"])
def test_pieces_that_were_forged_are_refused(node: Node, submission: Submission, forgery: str) -> None:
    file, other = submit(node, submission), submit(node, submission, make_video(seed=2), "other.mp4")
    here = (submission_chunk.c.file_id == file.id) & (submission_chunk.c.number == 1)
    with node.store.reading() as tx:
        rows = {
            (row.file_id, row.number): bytes(row.data) for row in tx.connection.execute(sa.select(submission_chunk))
        }
    forged = {
        "changed": rows[file.id, 1][:-1] + bytes([rows[file.id, 1][-1] ^ 1]),
        "moved": rows[file.id, 0],
        "of another file": rows[other.id, 1],
        "shortened": rows[file.id, 1][:-100],
    }
    if forgery == "taken away":
        write(node, sa.delete(submission_chunk).where(here))
    else:
        write(node, sa.update(submission_chunk).where(here).values(data=forged[forgery]))
    source = SealedSource(node.store, file)
    assert source.read(0, CHUNK) == VIDEO[:CHUNK]
    with pytest.raises(VerificationError):
        source.read(CHUNK - 1, 2)


@ON_SQLITE
def test_rows_that_were_forged_are_refused(node: Node, submission: Submission) -> None:
    file = submit(node, submission)
    with node.store.reading() as tx:
        before = tx.connection.execute(sa.select(submission_table)).one()
    move_review(node, ALICE, submission.id, date(2026, 7, 1), reason="The trial is in June")
    write(node, sa.update(submission_table).values(review_on=before.review_on))
    with pytest.raises(VerificationError):
        read_submission(node, ALICE, submission.id)
    write(node, sa.update(submission_table).values(review_on=date(2026, 7, 1)))
    write(node, sa.update(submission_file).values(size=file.size - 1))
    assert read_submission(node, ALICE, submission.id).files == ()
    with pytest.raises(VerificationError):
        hand_in_photo(node, ALICE, submission.id, file.id)


@ON_SQLITE
def test_nothing_is_readable_before_and_nothing_is_left_after_the_end(
    node: Node, tmp_path: Path, submission: Submission, keyring: Keyring
) -> None:
    photo = draw_photo("SECRET-PERSON")
    submit(node, submission, name="secret-name.mp4")
    file = submit(node, submission, photo, name="secret-photo.jpg")
    marks = (
        MARKER,
        b"SECRET-PERSON",
        b"secret-name",
        b"secret-photo",
        b"Police judiciaire",
        b"article 60-1",
        photo[:40],
    )

    def collect() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())

    assert [mark for mark in marks if mark in collect()] == []
    with sqlite3.connect(tmp_path / "store.db") as raw:
        sealed = [row[0][-2000:] for row in raw.execute("SELECT data FROM submission_chunk")]
        keys = [row[0] for row in raw.execute("SELECT key_id FROM submission UNION SELECT key_id FROM submission_file")]
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    with sqlite3.connect(tmp_path / "keyring.db") as ring:
        wrapped = [ring.execute("SELECT wrapped FROM key WHERE id = ?", (key,)).fetchone()[0] for key in keys]
    ring.close()
    backup = tmp_path / "backup"
    backup.mkdir()
    shutil.copy(tmp_path / "store.db", backup / "store.db")
    erased = erase_submission(node, ALICE, submission.id, reason="Not needed any more")
    assert erased.files_cleared
    left = collect()
    assert len(sealed) == 4
    assert [mark for mark in (*marks, *sealed, *wrapped) if mark in left] == []
    # a copy made before stays sealed
    copy = open_store(f"sqlite:///{backup / 'store.db'}", keyring=keyring)
    with copy.reading() as tx:
        assert len(find_unreadable(tx, "submission")) == 1
        assert len(find_unreadable(tx, "submission-file")) == 2
    with pytest.raises(KeyDestroyed):
        SealedSource(copy, file).read(0, 1)


@ON_SQLITE
@pytest.mark.parametrize("end", ["closed", "idle", "reviewed"])
def test_it_ends_with_its_case_or_its_review(
    node: Node, clock: Clock, case: Case, submission: Submission, end: str
) -> None:
    submit(node, submission)
    assert list(expire_submissions(node)) == []
    if end == "closed":
        close_case(node, ALICE, case.id, reason="She is home again")
        assert ("erasure", "submission.erase") in list_acts(node)
    elif end == "idle":
        clock.now += timedelta(days=400)
        assert expire_cases(node) == 1
    else:
        clock.now += timedelta(days=(DRAFT.review_on - clock.now.date()).days)
        assert list(expire_submissions(node)) == []
        clock.now += timedelta(days=1)
        assert list(expire_submissions(node)) == [1]
        assert list_acts(node)[-1] == ("erasure", "submission.expire")
    assert count_rows(node)[:2] == [0, 0]
    run_round(node)
    assert count_rows(node) == [0, 0, 0]


@ON_SQLITE
def test_a_review_moves_the_day_within_the_policy(node: Node, clock: Clock, submission: Submission) -> None:
    moved = move_review(node, ALICE, submission.id, date(2026, 8, 1), reason="The trial is in July")
    assert read_submission(node, ALICE, submission.id).submission == moved
    for day in (date(2026, 3, 1), date(2026, 8, 29)):
        with pytest.raises(SubmissionInvalid):
            move_review(node, ALICE, submission.id, day, reason="The trial is in July")
    with pytest.raises(PolicyError):
        move_review(node, ALICE, submission.id, date(2026, 8, 2), reason="")


@ON_SQLITE
def test_what_never_became_whole_is_forgotten_with_its_key(
    node: Node, clock: Clock, case: Case, submission: Submission
) -> None:
    whole = submit(node, submission)
    begun = begin_submission(node, ALICE, case.id, DRAFT)
    half = add_file(node, ALICE, begun.id, name="half.mp4", size=len(VIDEO)).file
    clock.now += timedelta(hours=20)
    receive_chunk(node, ALICE, begun.id, half.id, 0, make_video(seed=3)[:CHUNK])
    clock.now += timedelta(hours=20)
    assert list(forget_unfinished(node)) == []
    clock.now += timedelta(hours=5)
    with node.store.reading() as tx:
        key = tx.connection.scalar(sa.select(submission_file.c.key_id).where(submission_file.c.id == half.id))
    # the file, and then the submission that has none
    assert list(forget_unfinished(node)) == [1, 1]
    assert node.store.keyring is not None
    assert key in node.store.keyring.list_destroyed()
    assert [detail.submission.id for detail in list_submissions(node, ALICE, case.id)] == [submission.id]
    assert [file.id for file in read_submission(node, ALICE, submission.id).files] == [whole.id]
    clock.now += timedelta(days=2)
    assert sweep_keys(node) == 0
    assert SealedSource(node.store, whole).read(0, 9) == VIDEO[:9]


@ON_SQLITE
def test_photos_of_an_archive_are_read_later_and_bad_ones_refused(node: Node, submission: Submission) -> None:
    zipped = zip_up(**{"a.jpg": draw_photo("A", "B"), "bad.jpg": JPEG + b"no photo at all", "b.mp4": VIDEO})
    submit_whole(node, ALICE, submission.id, zipped, name="a.zip")
    assert list(read_waiting(node, submission.id)) == [3]
    assert list(read_waiting(node)) == []
    files = {file.name: file for file in read_submission(node, ALICE, submission.id).files}
    assert files["a.jpg"].facts is not None
    assert len(files["a.jpg"].facts.faces) == 2
    assert (files["bad.jpg"].state, files["bad.jpg"].fault) == (FileState.REFUSED, UNREADABLE)
    assert (files["b.mp4"].kind, files["b.mp4"].facts) == (FileKind.VIDEO, MediaFacts(640, 480, 12.5))


@ON_SQLITE
def test_unpacking_that_was_stopped_begins_anew(
    node: Node, submission: Submission, monkeypatch: pytest.MonkeyPatch, make_node: Callable[..., Node]
) -> None:
    zipped = zip_up(**{"a.jpg": draw_photo("A"), "b.mp4": VIDEO})
    made = add_file(node, ALICE, submission.id, name="a.zip", size=len(zipped))
    for number in range(made.chunks):
        receive_chunk(node, ALICE, submission.id, made.file.id, number, zipped[number * CHUNK : (number + 1) * CHUNK])
    with monkeypatch.context() as patch:
        patch.setattr(unpack, "require_usable_name", _stop_at_video)
        with pytest.raises(KeyboardInterrupt):
            complete_file(node, ALICE, submission.id, made.file.id)
    assert len(read_submission(node, ALICE, submission.id).files) == 3
    done = complete_file(make_node(MarkedExtractor()), ALICE, submission.id, made.file.id)
    assert done.unpacked is not None
    assert done.unpacked.held == 2
    assert len(read_submission(node, ALICE, submission.id).files) == 3


def _stop_at_video(name: str) -> None:
    if name == "b.mp4":
        raise KeyboardInterrupt
