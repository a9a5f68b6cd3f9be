"""Real faces: the moving booking photo finds its person, and people filmed from photos are not mixed."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

from semblance.faces.extraction import PackExtractor
from semblance.faces.sandbox.videos import iterate_frames
from semblance.faces.staging import HEIGHT, WIDTH, Actor, Level, stage_video
from semblance.faces.tracking.fusing import choose_good_frames, fuse_frames
from semblance.faces.tracking.tracker import FaceTracker, follow_faces
from semblance.search.templates import score_matrix
from semblance.terms.byte_source import MemorySource
from semblance.terms.samples import Box

OTHERS = 40


def test_the_moving_booking_photo_finds_its_person_first(published: PackExtractor, test_data: Path) -> None:
    with (test_data / "meds2" / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == "reference"]
    others = [row for row in rows if row["subject"] != "S029"][:OTHERS]
    chosen = [row for row in rows if row["subject"] == "S029"] + others
    extractions = [
        published.extract((test_data / "meds2" / row["path"]).read_bytes(), name=row["path"], choose="largest")
        for row in chosen
    ]
    references = [extraction.template for extraction in extractions if extraction.template is not None]
    assert len(references) == len(chosen)
    clip = test_data / "video" / "openmpf_meds_S029_ff-region-face-motion.avi"
    with iterate_frames(MemorySource(clip.read_bytes()), name=clip.name) as frames:
        seen = {frame.name: frame for frame in frames}
    (track,) = follow_faces(seen.values(), FaceTracker(published))
    probe = fuse_frames(choose_good_frames(track), lambda name: seen[name].pixels, published)
    scores = score_matrix([probe.template], references)[0]
    assert chosen[int(scores.argmax())]["subject"] == "S029"


def test_people_filmed_from_photos_are_told_apart(embedded: PackExtractor, astronaut: Any, hopper: Any) -> None:
    actors = [
        Actor(name, photo, embedded.find(photo)[0].box) for name, photo in (("collins", astronaut), ("hopper", hopper))
    ]
    frames = list(stage_video(actors, Level.EASY, seconds=3, seed=3))
    tracks = follow_faces(frames, FaceTracker(embedded))
    truth = {frame.name: frame.present for frame in frames}
    whose = []
    for track in tracks:
        found = {
            min(truth[sighting.frame], key=lambda presence: _measure_gap(presence.box, sighting.box)).person
            for sighting in track.sightings
        }
        whose.append(found)
    assert all(len(found) == 1 for found in whose)
    assert 2 <= len(tracks) <= 3


def _measure_gap(box: Box, other: Box) -> float:
    return float(np.hypot(box.centre.x - other.centre.x, box.centre.y - other.centre.y))


def test_a_staged_video_is_the_same_each_time_and_tells_who_is_hidden(astronaut: Any) -> None:
    actors = [Actor(name, astronaut, Box(170, 60, 280, 200)) for name in ("front", "back")]
    first, second = (list(stage_video(actors, Level.HARD, seconds=2.2, seed=5)) for _ in range(2))
    assert [frame.name for frame in first] == [frame.name for frame in second]
    assert all(frame.pixels.shape == (HEIGHT, WIDTH, 3) for frame in first)
    assert len(first) == 55
    seen = [presence.seen for frame in first for presence in frame.present]
    assert min(seen) < 0.5
    assert max(seen) > 0.9
    # the cut
    steps = [np.abs(first[place].pixels.astype(int) - first[place - 1].pixels).mean() for place in range(1, 55)]
    assert int(np.argmax(steps)) == 49
