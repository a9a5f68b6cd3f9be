"""A covered clip is made by a worker, watched, confirmed and handed out; nothing of it is left a day later."""

import hashlib
import io
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest
import sqlalchemy as sa
from tests.accounts import add_cast
from tests.cast import ALICE, BOB, CAROL, DORA, EMIL, MALLORY
from tests.faces.redaction.scenes import as_photo, decode
from tests.faces.redaction.test_encoding import film
from tests.workflows.conftest import Clock
from tests.workflows.painted import PaintedExtractor
from tests.workflows.redaction.street import BLUE, RED, film_street, follow, work
from tests.workflows.searching import open_case
from tests.workflows.submissions.conftest import DRAFT

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import Opening, read_entry
from semblance.audit.receipt import Proven, verify_receipt
from semblance.errors import (
    Conflict,
    IntakeError,
    KeyDestroyed,
    NotFound,
    PolicyError,
    RefusedByPolicy,
    SemblanceError,
    StoreFull,
    VerificationError,
)
from semblance.faces.extractor import FaceChoice
from semblance.faces.photo import Photo
from semblance.faces.redaction.outlines import ManualBox
from semblance.faces.sandbox import clips as encoding
from semblance.faces.sandbox.process import Decoder
from semblance.gallery.submission import Submission, SubmittedFile
from semblance.messages.stored import read_message
from semblance.node.node import Node
from semblance.store import clips, ledger
from semblance.store.clips import MadeClip, StoredClip
from semblance.store.keyring.keyring import KeyId
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.schema.clip import covered_clip, covered_clip_piece
from semblance.store.vault import unseal
from semblance.terms.ids import ClipId, Sha256, make_id
from semblance.terms.job import JobState
from semblance.terms.samples import Box, Extraction, QuarterTurn
from semblance.workflows.cases.cases import close_case
from semblance.workflows.jobs.jobs import cancel_job, read_job
from semblance.workflows.jobs.kind import JobRun
from semblance.workflows.oversight.ledger import make_receipt
from semblance.workflows.redaction.cover_clip import MOST_SECONDS, begin_clip
from semblance.workflows.redaction.export_clip import (
    ClipDetail,
    discard_clip,
    export_clip,
    forget_clips,
    list_clips,
    open_clip,
    read_clip,
    read_part,
)
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.submissions import begin_submission, erase_submission

WHY = "For the station in Lyon, which looks for him"
KEY = SigningKey("semblance.invalid/test", bytes(range(32)))
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


class Looking(PaintedExtractor):
    """Sees painted people, and does something beside at one of its looks."""

    looks = 0
    at: int | None = None

    def beside(self) -> None:
        """Do nothing."""

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        self.looks += 1
        if self.looks == self.at:
            self.beside()
        return super().extract_photo(photo, choose=choose, turned=turned)


@pytest.fixture(scope="session")
def street() -> bytes:
    return film_street()


@pytest.fixture
def extractor() -> Looking:
    return Looking()


@pytest.fixture
def node(make_node: Callable[..., Node], extractor: Looking) -> Node:
    made = make_node(extractor)
    made.store.ledger = LedgerSeat(KEY)
    add_cast(made)
    return made


@pytest.fixture
def submission(node: Node) -> Submission:
    return begin_submission(node, ALICE, open_case(node).id, DRAFT)


@pytest.fixture
def video(node: Node, submission: Submission, street: bytes) -> SubmittedFile:
    file = submit_whole(node, ALICE, submission.id, street, name="platform 3.mp4").file
    follow(node, file)
    return file


def begin(node: Node, video: SubmittedFile, **draft: Any) -> StoredClip:
    return begin_clip(node, ALICE, video.submission, video.id, 1, **draft)


def make(node: Node, video: SubmittedFile, **draft: Any) -> tuple[ClipDetail, MadeClip]:
    asked = begin(node, video, **draft)
    assert work(node)
    found = read_clip(node, ALICE, asked.id)
    assert found.job is not None
    assert found.job.state is JobState.DONE, found.job.ending
    assert found.clip.made is not None
    return found, found.clip.made


def watch(node: Node, found: ClipDetail) -> bytes:
    return b"".join(read_part(node, open_clip(node, ALICE, found.clip.id)))


def see(data: bytes) -> list[list[float]]:
    """Return where somebody is seen, frame by frame, from the left."""
    eyes = PaintedExtractor()
    return [[face.box.left for face in eyes.extract_photo(as_photo(frame)).faces] for frame in decode(data)]


def count_rows(node: Node) -> tuple[int, ...]:
    with node.store.reading() as tx:
        return tuple(
            tx.connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in (covered_clip, covered_clip_piece)
        )


def list_acts(node: Node) -> list[tuple[str, str, str]]:
    """Return verb, action and what is said of each entry about redaction."""
    with node.store.reading() as tx:
        found = []
        for number, data in ledger.iterate_entries(tx):
            entry, openings = read_entry(data), ledger.read_openings(tx, number)
            if str(entry["action"]).startswith("redaction."):
                found.append((entry["verb"], entry["action"], _say(openings)))
        return found


def _say(openings: tuple[Opening, ...]) -> str:
    return next((str(read_message(json.loads(one.text))) for one in openings if one.label == "message"), "")


def write(node: Node, statement: sa.Executable) -> None:
    """Do what somebody with the database alone can do."""
    with node.store._engine.begin() as connection:
        connection.execute(statement)


def test_a_clip_shows_the_chosen_one_where_it_was_seen_and_leaves_as_it_was_watched(
    node: Node, video: SubmittedFile
) -> None:
    found, made = make(node, video)
    assert found.clip.draft.start == 0.0
    assert found.clip.draft.end == pytest.approx(2.5)
    data = watch(node, found)
    assert hashlib.sha256(data).hexdigest() == made.sha256
    assert (made.frames, made.size, made.begins) == (12, len(data), 0.0)
    # behind its last sighting nobody knows where the chosen one is: whoever is seen then is covered
    assert [len(places) for places in see(data)] == [1] * 6 + [0] * 6
    assert {places[0] for places in see(data)[:6]} == {RED}
    assert made.missed == 6 + 2 * 6
    assert b"".join(read_part(node, found, 100, 257)) == data[100:257]
    with pytest.raises(Conflict):
        export_clip(node, ALICE, found.clip.id, seen=Sha256("0" * 64), reason=WHY)
    with pytest.raises(PolicyError):
        export_clip(node, ALICE, found.clip.id, seen=made.sha256, reason=" ")
    assert [act for act in list_acts(node) if act[0] == "disclosure"] == []
    left = export_clip(node, CAROL, found.clip.id, seen=made.sha256, reason=WHY)
    assert b"".join(read_part(node, left)) == data
    acts = list_acts(node)
    assert [(verb, action) for verb, action, _ in acts if action != "redaction.watch"] == [
        ("consultation", "redaction.clip"),
        ("disclosure", "redaction.export"),
    ]
    said = acts[-1][2]
    assert all(word in said for word in (WHY, found.clip.reference, made.sha256, "without sound", "track 1"))


@ON_SQLITE
def test_boxes_cover_for_their_time_and_leave_other_bytes(node: Node, video: SubmittedFile) -> None:
    blue = Box(BLUE - 10, 90, BLUE + 50, 150)
    found, made = make(node, video, end=0.45, boxes=(ManualBox(blue, first=0.2, last=0.3),))
    assert made.frames == 5
    assert made.missed == 3
    assert [len(places) for places in see(watch(node, found))] == [1] * 5


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        ({"start": 5.0, "end": 4.0}, "redaction.bad-span"),
        ({"start": 0.0, "end": MOST_SECONDS + 1}, "redaction.bad-span"),
        ({"start": float("nan")}, "redaction.bad-span"),
        ({"start": float("-inf")}, "redaction.bad-span"),
        ({"start": 3.0, "end": 4.0}, "redaction.not-in-span"),
        ({"boxes": (ManualBox(Box(5, 5, 5, 9)),)}, "redaction.clip-box-nowhere"),
        ({"boxes": (ManualBox(Box(5, 5, float("inf"), 9)),)}, "redaction.clip-box-nowhere"),
        ({"boxes": (ManualBox(Box(5, 5, 8, 9), first=2, last=1),)}, "redaction.box-never"),
        ({"boxes": (ManualBox(Box(5, 5, 8, 9), first=99),)}, "redaction.box-never"),
        ({"boxes": (ManualBox(Box(5, 5, 8, 9)),) * 101}, "redaction.too-many-boxes"),
    ],
)
@ON_SQLITE
def test_what_cannot_be_meant_is_refused(node: Node, video: SubmittedFile, draft: dict[str, Any], fault: str) -> None:
    with pytest.raises(IntakeError) as refused:
        begin(node, video, **draft)
    assert refused.value.message.identifier == fault
    assert count_rows(node) == (0, 0)


@ON_SQLITE
def test_no_part_that_was_not_followed_leaves(node: Node, video: SubmittedFile) -> None:
    with pytest.raises(NotFound):
        begin_clip(node, ALICE, video.submission, video.id, 9)
    follow(node, video, done=False, reached=1.0)
    with pytest.raises(Conflict) as refused:
        begin(node, video, end=0.5)
    assert refused.value.message.identifier == "redaction.not-followed-so-far"
    follow(node, video, done=False, reached=2.6)
    asked = begin(node, video, end=0.5)
    # what was asked for is of tracks that are not there any more
    follow(node, video)
    assert work(node)
    ended = read_job(node, ALICE, asked.job)
    assert ended.state is JobState.FAILED
    assert ended.ending is not None
    assert ended.ending.identifier == "redaction.followed-anew"


@ON_SQLITE
def test_hidden_and_unknown_clips_are_answered_alike(node: Node, video: SubmittedFile) -> None:
    found, made = make(node, video, end=0.3)
    for actor in (EMIL, MALLORY, DORA):
        with pytest.raises(RefusedByPolicy):
            begin_clip(node, actor, video.submission, video.id, 1)
    german = replace(ALICE, authority=EMIL.authority)
    answers = []
    for clip_id in (found.clip.id, ClipId(make_id())):
        acts: tuple[Callable[..., object], ...] = (
            read_clip,
            open_clip,
            discard_clip,
            partial(export_clip, seen=made.sha256, reason=WHY),
        )
        for act in acts:
            with pytest.raises(NotFound) as missing:
                act(node, german, clip_id)
            answers.append(str(missing.value).replace(clip_id, "ID"))
    assert len(set(answers)) == 1
    with pytest.raises(NotFound):
        list_clips(node, german, video.submission, video.id)
    assert [shown.clip.id for shown in list_clips(node, BOB, video.submission, video.id)] == [found.clip.id]


@ON_SQLITE
def test_cancelling_while_frames_are_covered_keeps_nothing(
    node: Node, video: SubmittedFile, extractor: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = begin(node, video)
    stopped = JobRun.stopped

    def beat_first(run: JobRun) -> bool:
        run.beat(timedelta(seconds=30))
        return stopped(run)

    monkeypatch.setattr(JobRun, "stopped", beat_first)
    extractor.at = 7

    def cancel() -> None:
        cancel_job(node, ALICE, asked.job)

    extractor.beside = cancel  # type: ignore[method-assign]
    assert work(node)
    assert read_job(node, ALICE, asked.job).state is JobState.CANCELLED
    assert count_rows(node) == (1, 0)
    with pytest.raises(Conflict):
        open_clip(node, ALICE, asked.id)
    discard_clip(node, ALICE, asked.id)
    assert count_rows(node) == (0, 0)


@ON_SQLITE
def test_a_killed_worker_s_clip_is_made_from_its_beginning_by_the_next(
    node: Node, video: SubmittedFile, extractor: Looking, clock: Clock
) -> None:
    asked = begin(node, video)

    def die() -> None:
        raise KeyboardInterrupt

    extractor.at, extractor.beside = 7, die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        work(node)
    assert count_rows(node) == (1, 0)
    with pytest.raises(Conflict):
        discard_clip(node, ALICE, asked.id)
    assert not work(node)
    clock.now += timedelta(minutes=1)
    assert work(node)
    made = read_clip(node, ALICE, asked.id).clip.made
    assert made is not None
    assert made.frames == 12


@ON_SQLITE
def test_a_full_disk_makes_the_job_wait_and_leaves_no_half_clip(
    node: Node, video: SubmittedFile, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = begin(node, video, end=0.4)
    whole = clips.keep_clip

    def fill_up(*_given: object) -> None:
        raise StoreFull("test.full", "The disk is full.")

    monkeypatch.setattr(clips, "keep_clip", fill_up)
    assert not work(node)
    assert count_rows(node) == (1, 0)
    assert read_job(node, ALICE, asked.job).is_open
    monkeypatch.setattr(clips, "keep_clip", whole)
    clock.now += timedelta(minutes=1)
    assert work(node)
    assert read_clip(node, ALICE, asked.id).clip.made is not None


@ON_SQLITE
def test_a_killed_encoder_fails_the_job_in_words(
    node: Node, video: SubmittedFile, extractor: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Decoder] = []

    class Seen(Decoder):
        def __init__(self, worker: str) -> None:
            super().__init__(worker)
            started.append(self)

    monkeypatch.setattr(encoding, "Decoder", Seen)
    asked = begin(node, video)
    extractor.at = 7
    extractor.beside = lambda: os.kill(started[0].pid, signal.SIGKILL)  # type: ignore[method-assign]
    assert work(node)
    ended = read_job(node, ALICE, asked.job)
    assert ended.state is JobState.FAILED
    assert ended.ending is not None
    assert ended.ending.identifier == "redaction.encoder-failed"
    assert count_rows(node) == (1, 0)


@ON_SQLITE
def test_sound_leaves_only_where_it_was_asked_for(node: Node, submission: Submission) -> None:
    file = submit_whole(node, ALICE, submission.id, film(seconds=2.0), name="hall.mp4").file
    follow(node, file)
    for sound, kinds in ((False, ["video"]), (True, ["video", "audio"])):
        found, _ = make(node, file, end=1.0, sound=sound)
        with av.open(io.BytesIO(watch(node, found)), "r") as container:
            assert [stream.type for stream in container.streams] == kinds
    silent = submit_whole(node, ALICE, submission.id, film(seconds=1.0, sound=False), name="mute.mp4").file
    follow(node, silent)
    asked = begin(node, silent, end=0.5, sound=True)
    assert work(node)
    ending = read_job(node, ALICE, asked.job).ending
    assert ending is not None
    assert ending.identifier == "video.no-sound"


@pytest.mark.parametrize("forgery", ["changed", "moved", "taken away", "another video", "another day"])
@ON_SQLITE
def test_what_was_forged_leaves_nobody(
    node: Node, video: SubmittedFile, submission: Submission, street: bytes, forgery: str
) -> None:
    found, made = make(node, video, end=0.3)
    pieces, mine = covered_clip_piece, covered_clip_piece.c.clip_id == found.clip.id
    with node.store.reading() as tx:
        held = bytes(tx.connection.scalars(sa.select(pieces.c.data)).one())
    if forgery == "changed":
        write(node, sa.update(pieces).where(mine).values(data=held[:-1] + b"?"))
    elif forgery == "moved":
        other, _ = make(node, video, end=0.4)
        moved = sa.select(pieces.c.data).where(pieces.c.clip_id == other.clip.id).scalar_subquery()
        write(node, sa.update(pieces).where(mine).values(data=moved))
    elif forgery == "taken away":
        write(node, sa.delete(pieces).where(mine))
    elif forgery == "another video":
        second = submit_whole(node, ALICE, submission.id, street + b"\0", name="other.mp4").file
        write(node, sa.update(covered_clip).where(covered_clip.c.id == found.clip.id).values(file_id=second.id))
    else:
        write(node, sa.update(covered_clip).values(made_at=found.clip.made_at + timedelta(days=300)))
    with pytest.raises(VerificationError):
        export_clip(node, ALICE, found.clip.id, seen=made.sha256, reason=WHY)
    with pytest.raises(VerificationError):
        watch(node, found)


def read_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def prove_disclosure(node: Node) -> Proven:
    """Return what the receipt of the clip's disclosure proves."""
    with node.store.reading() as tx:
        entries = [(number, read_entry(data)) for number, data in ledger.iterate_entries(tx)]
    (number,) = (number for number, entry in entries if entry["verb"] == "disclosure")
    return verify_receipt(make_receipt(node, number, ALICE.authority), trusted=KEY.public)


def end_by(way: str, node: Node, clock: Clock, found: ClipDetail) -> None:
    if way == "a day":
        clock.now += timedelta(days=1, minutes=1)
        assert sum(forget_clips(node)) == 1
    elif way == "its submission":
        erase_submission(node, DORA, found.submission.id, reason="Handed in by mistake")
    else:
        close_case(node, ALICE, found.case.id, reason="He was found")
        # as the worker does after whatever falls due next
        node.store.clear_deleted()


@pytest.mark.parametrize("way", ["a day", "its submission", "its case"])
def test_nothing_of_a_clip_is_left_at_its_end(
    node: Node, video: SubmittedFile, clock: Clock, tmp_path: Path, way: str
) -> None:
    found, made = make(node, video, end=0.5)
    data = watch(node, found)
    export_clip(node, ALICE, found.clip.id, seen=made.sha256, reason=WHY)
    with node.store.reading() as tx:
        key = KeyId(tx.connection.scalars(sa.select(covered_clip.c.key_id)).one())
        sealed = bytes(tx.connection.scalars(sa.select(covered_clip_piece.c.data)).one())
    if node.store.kind == "SQLite":
        held = read_files(tmp_path)
        assert sealed[:64] in held
        # in clear it is never written
        assert data[64:128] not in held
        assert found.clip.reference.encode() not in held
    assert sum(forget_clips(node)) == 0
    proven = prove_disclosure(node)
    assert proven.reason is not None
    assert made.sha256 in str(proven.reason)
    assert ("clip", found.clip.id) in proven.touched
    end_by(way, node, clock, found)
    assert prove_disclosure(node).fields == proven.fields
    assert count_rows(node) == (0, 0)
    if node.store.kind == "SQLite":
        assert sealed[:64] not in read_files(tmp_path)
    with node.store.reading() as tx, pytest.raises(KeyDestroyed):
        unseal(tx, key, f"clip.piece/{found.clip.id}/0", sealed)
    with pytest.raises(SemblanceError):
        read_clip(node, ALICE, found.clip.id)
    # that it left is known as long as its entry's keys are
    assert [act[0] for act in list_acts(node) if act[1] == "redaction.export"] == ["disclosure", "refusal"]
