"""A submitted video is followed as a job, and the one track that is picked is searched with all its good frames."""

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cast import ALICE, CAROL, DE, MALLORY
from tests.workflows.filming import SECONDS
from tests.workflows.following.conftest import SIGNING, follow, work
from tests.workflows.searching import REASON, open_case, reveal

from semblance.audit.receipt import read_receipt, verify_receipt, write_receipt
from semblance.errors import Conflict, IntakeError, NotFound, RefusedByPolicy, VerificationError
from semblance.faces.sandbox import videos
from semblance.faces.sandbox.process import Decoder
from semblance.faces.tracking import seeing
from semblance.faces.tracking import tracker as tracker_module
from semblance.faces.tracking.tracker import FaceTracker
from semblance.gallery.submission import Submission, SubmittedFile
from semblance.node.node import Node
from semblance.store import followings
from semblance.store.probes import read_frames
from semblance.store.schema import job as schema
from semblance.store.schema.following import followed_file, track_face
from semblance.store.schema.gallery import probe_bytes
from semblance.store.vault import list_destroyed
from semblance.terms.job import Job, JobState
from semblance.workflows.cases.cases import close_case
from semblance.workflows.following import follow_video
from semblance.workflows.following.follow_video import begin_following
from semblance.workflows.following.pick_track import pick_track
from semblance.workflows.following.read_following import read_face, read_following
from semblance.workflows.jobs.jobs import cancel_job, read_job
from semblance.workflows.oversight.ledger import make_receipt
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.submissions import erase_submission


def test_two_people_are_two_tracks_and_one_of_them_is_searched(
    filming: Node, submission: Submission, video: SubmittedFile
) -> None:
    follow(filming, submission, video)
    found = read_following(filming, ALICE, submission.id, video.id)
    assert found.followed is not None
    assert found.followed.done
    assert found.followed.reached == pytest.approx(SECONDS, abs=0.3)
    assert len(found.followed.tracks) == 2
    for track in found.followed.tracks:
        pictures = found.faces[track.number]
        assert pictures[0].quality == max(picture.quality for picture in pictures)
        assert read_face(filming, ALICE, submission.id, video.id, pictures[0].id).startswith(b"\xff\xd8")
    first = found.followed.tracks[0]
    probe = pick_track(filming, ALICE, submission.id, video.id, first.number)
    assert probe.track is not None
    assert probe.track.number == first.number
    assert len(probe.track.frames) > 1
    assert {frame.frame for frame in probe.track.frames} <= {seen.frame for seen in first.sightings}
    assert len(probe.faces) == 1
    answer = search_probe(filming, ALICE, probe.id, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    assert reveal(filming, answer).record.frames == len(probe.track.frames)


def test_frames_that_were_deleted_by_hand_are_missed(
    filming: Node, submission: Submission, video: SubmittedFile
) -> None:
    follow(filming, submission, video)
    probe = pick_track(filming, ALICE, submission.id, video.id, 1)
    with filming.store.writing() as tx:
        tx.connection.execute(sa.update(probe_bytes).values(frames=None))
    with filming.store.reading() as tx, pytest.raises(VerificationError):
        read_frames(tx, probe)


def test_who_may_not_and_what_is_no_video(filming: Node, submission: Submission, video: SubmittedFile) -> None:
    for refused in (MALLORY, CAROL):
        with pytest.raises(RefusedByPolicy):
            begin_following(filming, refused, submission.id, video.id)
    with pytest.raises(NotFound):
        begin_following(filming, replace(ALICE, authority=DE), submission.id, video.id)
    with pytest.raises(Conflict, match="not been followed"):
        pick_track(filming, ALICE, submission.id, video.id, 1)
    begin_following(filming, ALICE, submission.id, video.id)
    with pytest.raises(Conflict, match="being followed"):
        begin_following(filming, ALICE, submission.id, video.id)
    with pytest.raises(Conflict, match="not been followed"):
        pick_track(filming, ALICE, submission.id, video.id, 1)


def test_a_photo_is_not_followed(filming: Node, submission: Submission, hopper_path: Any) -> None:
    photo = submit_whole(filming, ALICE, submission.id, hopper_path.read_bytes(), name="hopper.jpg").file
    with pytest.raises(IntakeError, match="no video"):
        begin_following(filming, ALICE, submission.id, photo.id)


def test_what_ends_between_two_frames_is_gone_on_from(
    filming: Node, submission: Submission, video: SubmittedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _find_places(_follow_whole(filming, submission, video))
    monkeypatch.setattr(follow_video, "_SOON", 0.0)
    monkeypatch.setattr(follow_video, "_SHARE", 0)
    job = begin_following(filming, ALICE, submission.id, video.id)
    stop, took = threading.Event(), []
    take = FaceTracker.take

    def stop_soon(tracker: FaceTracker, frame: Any) -> None:
        take(tracker, frame)
        took.append(frame.seconds)
        if len(took) == 4:
            stop.set()

    monkeypatch.setattr(FaceTracker, "take", stop_soon)
    assert work(filming, stop) == 0
    partial = read_following(filming, ALICE, submission.id, video.id)
    assert partial.followed is not None
    assert not partial.followed.done
    assert partial.followed.tracks
    monkeypatch.setattr(FaceTracker, "take", take)
    assert work(filming) == 1
    assert read_job(filming, ALICE, job.id).state is JobState.DONE
    found = read_following(filming, ALICE, submission.id, video.id)
    assert found.followed is not None
    assert _find_places(found.followed.tracks) == whole


def test_one_that_is_cancelled_says_how_far_it_came_and_keeps_no_template(
    filming: Node, submission: Submission, video: SubmittedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin_following(filming, ALICE, submission.id, video.id)
    take = FaceTracker.take

    def cancel(tracker: FaceTracker, frame: Any) -> None:
        take(tracker, frame)
        if read_job(filming, ALICE, job.id).cancelled_by is None:
            cancel_job(filming, ALICE, job.id)

    monkeypatch.setattr(FaceTracker, "take", cancel)
    monkeypatch.setattr("semblance.workflows.jobs.kind.JobRun.stopped", lambda run: _was_cancelled(filming, run, job))
    assert work(filming) == 1
    assert read_job(filming, ALICE, job.id).state is JobState.CANCELLED
    found = read_following(filming, ALICE, submission.id, video.id)
    assert found.followed is not None
    assert not found.followed.done
    with filming.store.reading() as tx:
        row = tx.connection.execute(sa.select(schema.job)).one()
        assert row.saved is None
        assert row.key_id in list_destroyed(tx)


@pytest.mark.parametrize("end", ["erase", "close"])
def test_everybody_in_it_goes_with_the_submission(
    filming: Node, submission: Submission, video: SubmittedFile, end: str
) -> None:
    follow(filming, submission, video)
    job = begin_following(filming, ALICE, submission.id, video.id)
    if end == "erase":
        erase_submission(filming, ALICE, submission.id, reason="not needed any more")
    else:
        close_case(filming, ALICE, open_case(filming).id, reason="solved")
    assert read_job(filming, ALICE, job.id).state is JobState.CANCELLED
    with filming.store.reading() as tx:
        for table in (followed_file, track_face):
            assert not tx.connection.execute(sa.select(table)).all()
        assert followings.find_followed(tx, video.id) is None
    assert work(filming) == 0


def test_a_decoder_that_is_killed_costs_what_comes_after_it(
    filming: Node, submission: Submission, video: SubmittedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = FaceTracker.take
    took: list[float] = []
    started: list[Decoder] = []

    def kill(tracker: FaceTracker, frame: Any) -> None:
        take(tracker, frame)
        took.append(frame.seconds)
        if len(took) == 4:
            os.kill(started[-1].pid, signal.SIGKILL)

    class Started(Decoder):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            started.append(self)

    monkeypatch.setattr(FaceTracker, "take", kill)
    monkeypatch.setattr(videos, "Decoder", Started)
    follow(filming, submission, video)
    found = read_following(filming, ALICE, submission.id, video.id)
    assert found.followed is not None
    assert found.followed.reached < SECONDS - 0.2
    assert [note.identifier for note in found.followed.notes] == ["video.decoder-failed"]
    assert found.followed.tracks


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_raw_bytes_tell_nothing_of_anybody_while_it_is_held_and_after_it(
    filming: Node,
    submission: Submission,
    video: SubmittedFile,
    film: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = [film[place : place + 32] for place in range(2000, len(film) - 32, 5000)]
    templates: list[bytes] = []
    encode = seeing.encode_face

    def note(*given: Any) -> Any:
        placed, features = encode(*given)
        templates.append(features.values.astype("<f4").tobytes()[:32])
        return placed, features

    monkeypatch.setattr(tracker_module, "encode_face", note)
    monkeypatch.setattr(follow_video, "_SOON", 0.0)
    monkeypatch.setattr(follow_video, "_SHARE", 0)
    follow(filming, submission, video)
    found = read_following(filming, ALICE, submission.id, video.id)
    for pictures in found.faces.values():
        secrets += [read_face(filming, ALICE, submission.id, video.id, picture.id)[200:232] for picture in pictures]
    probe = pick_track(filming, ALICE, submission.id, video.id, found.followed.tracks[0].number)  # type: ignore[union-attr]
    assert isinstance(search_probe(filming, ALICE, probe.id, reason=REASON), SearchAnswer)
    assert len(secrets) > 20
    assert len(templates) > 5
    secrets += templates

    def find_leaks() -> list[str]:
        held = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        return [name for name, data in held.items() if any(secret in data for secret in secrets)]

    assert not find_leaks()
    erased = erase_submission(filming, ALICE, submission.id, reason="not needed any more")
    assert erased.files_cleared
    assert not find_leaks()
    receipt = read_receipt(write_receipt(make_receipt(filming, erased.ledger_entry, ALICE.authority)))
    proven = verify_receipt(receipt, trusted=SIGNING.public)
    assert proven.fields["verb"] == "erasure"


def _follow_whole(node: Node, submission: Submission, video: SubmittedFile) -> Any:
    follow(node, submission, video)
    found = read_following(node, ALICE, submission.id, video.id)
    assert found.followed is not None
    return found.followed.tracks


def _find_places(tracks: Any) -> list[Any]:
    return [[(seen.frame, seen.box) for seen in track.sightings] for track in tracks]


def _was_cancelled(node: Node, run: Any, job: Job) -> bool:
    run._cancelled = read_job(node, ALICE, job.id).cancelled_by is not None
    return bool(run._cancelled)
