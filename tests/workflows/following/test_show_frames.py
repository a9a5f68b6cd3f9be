"""Frames of a video to look at: which, with whose boxes, who may, and what the ledger is told of it."""

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from tests.cast import ALICE, BOB, EMIL, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.following.conftest import follow

from semblance.errors import IntakeError, NotFound, RefusedByPolicy
from semblance.gallery.submission import Submission, SubmittedFile
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.frames import FrameName
from semblance.terms.ids import Sha256
from semblance.terms.samples import Box
from semblance.terms.tracks import Sighting, Track
from semblance.workflows.following.place_boxes import BoxFinder
from semblance.workflows.following.read_following import read_following
from semblance.workflows.following.show_frames import FRAMES_CAP, read_frames
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.submissions import erase_submission


def count_entries(node: Node) -> int:
    with node.store.reading() as tx:
        return sum(1 for _entry in ledger.iterate_entries(tx))


def test_frames_of_a_stretch_are_those_of_the_whole(
    filming: Node, submission: Submission, video: SubmittedFile
) -> None:
    whole = read_frames(filming, ALICE, submission.id, video.id)
    assert len(whole) == 40 <= FRAMES_CAP
    part = read_frames(filming, ALICE, submission.id, video.id, start=0.4, until=0.8, count=99)
    assert [frame.name for frame in part] == [frame.name for frame in whole if 0.4 <= frame.seconds <= 0.8]
    assert [frame.name for frame in read_frames(filming, ALICE, submission.id, video.id, start=1.0, count=3)] == [
        frame.name for frame in whole[25:28]
    ]
    assert {(frame.width, frame.height, frame.picture[:3], frame.boxes) for frame in whole} == {
        (640, 480, b"\xff\xd8\xff", ())
    }
    assert read_frames(filming, ALICE, submission.id, video.id, start=99.0) == ()


def test_boxes_lie_where_the_faces_were_seen(filming: Node, submission: Submission, video: SubmittedFile) -> None:
    follow(filming, submission, video)
    followed = read_following(filming, ALICE, submission.id, video.id).followed
    assert followed is not None
    seen = {(sighting.frame, track.number): sighting.box for track in followed.tracks for sighting in track.sightings}
    frames = read_frames(filming, ALICE, submission.id, video.id)
    drawn = {(frame.name, placed.number): placed for frame in frames for placed in frame.boxes}
    assert len(seen) > 10
    assert {key: (drawn[key].box, drawn[key].seen) for key in seen} == {key: (box, True) for key, box in seen.items()}
    assert any(not placed.seen for placed in drawn.values())


def test_looking_is_noted_once_a_viewing(
    filming: Node, submission: Submission, video: SubmittedFile, clock: Clock
) -> None:
    before = count_entries(filming)
    for start in (0.0, 0.4, 0.8):
        read_frames(filming, ALICE, submission.id, video.id, start=start, count=1)
    assert count_entries(filming) == before + 1
    read_frames(filming, BOB, submission.id, video.id, count=1)
    assert count_entries(filming) == before + 2
    clock.now += timedelta(minutes=16)
    read_frames(filming, ALICE, submission.id, video.id, count=1)
    assert count_entries(filming) == before + 3
    clock.now -= timedelta(minutes=5)
    read_frames(filming, ALICE, submission.id, video.id, count=1)
    assert count_entries(filming) == before + 4


def test_who_may_not_look_sees_nothing(filming: Node, submission: Submission, video: SubmittedFile) -> None:
    with pytest.raises(RefusedByPolicy):
        read_frames(filming, EMIL, submission.id, video.id)
    with pytest.raises((NotFound, RefusedByPolicy)):
        read_frames(filming, MALLORY, submission.id, video.id)


def test_what_is_no_video_any_more_is_not_shown(
    filming: Node, submission: Submission, video: SubmittedFile, hopper_path: Path
) -> None:
    photo = submit_whole(filming, ALICE, submission.id, hopper_path.read_bytes(), name="hopper.jpg").file
    with pytest.raises(IntakeError, match=r"hopper\.jpg is no video"):
        read_frames(filming, ALICE, submission.id, photo.id)
    read_frames(filming, ALICE, submission.id, video.id, count=1)
    erase_submission(filming, ALICE, submission.id, reason="Not needed any more")
    with pytest.raises(NotFound):
        read_frames(filming, ALICE, submission.id, video.id, count=1)


def sight(seconds: float, left: float) -> Sighting:
    name = FrameName(0, round(seconds * 1000), Fraction(1, 1000), Sha256("0" * 64))
    return Sighting(name, seconds, Box(left, 0, left + 10, 10), None, 0.9, 50)


def test_a_box_moves_between_two_sightings_and_not_across_a_gap() -> None:
    finder = BoxFinder([Track(3, (sight(1.0, 0), sight(1.4, 40), sight(3.0, 90)))])
    found = {seconds: finder.find(seconds) for seconds in (0.9, 1.0, 1.1, 1.4, 1.5, 2.9, 3.0, 3.1)}
    lefts = {seconds: (round(boxes[0].box.left, 6), boxes[0].seen) for seconds, boxes in found.items() if boxes}
    assert lefts == {1.0: (0, True), 1.1: (10, False), 1.4: (40, True), 3.0: (90, True)}


def test_boxes_are_found_where_times_jump_back() -> None:
    finder = BoxFinder([Track(1, (sight(5.0, 50), sight(5.2, 52), sight(0.0, 0), sight(0.2, 20)))])
    assert [round(placed.box.left, 6) for placed in (*finder.find(0.1), *finder.find(5.1))] == [10, 51]
