"""What is made of a track: its frames, its spans, its contact sheet, and the probe of the one that was picked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from semblance.errors import TrackUnsuitable
from semblance.faces.tracking.best_frames import choose_frames, find_spans
from semblance.faces.tracking.fusing import choose_good_frames, fuse_frames
from semblance.faces.tracking.tracker import FaceTracker, follow_faces
from semblance.terms.samples import Metric
from semblance.terms.tracks import Track

Draw = Callable[..., Any]


def fuse_track(track: Track, fetch: Any, reader: Any, **asked: int) -> Any:
    return fuse_frames(choose_good_frames(track, **asked), fetch, reader)


@pytest.fixture
def frames(draw: Draw) -> list[Any]:
    """Return two people, of whom the second leaves for a second."""
    return [
        draw(number, {1: (60 + number, 100), **({} if 25 <= number < 50 else {2: (250, 100)})}) for number in range(75)
    ]


@pytest.fixture
def tracks(frames: list[Any], reader: Any) -> tuple[Track, ...]:
    """Return their tracks."""
    return follow_faces(frames, FaceTracker(reader))


@pytest.fixture
def fetch(frames: list[Any]) -> Callable[[Any], Any]:
    """Return what gives a frame's pixels again."""
    return lambda name: next(frame.pixels for frame in frames if frame.name == name)


def with_qualities(track: Track, qualities: dict[int, int]) -> Track:
    sightings = [replace(sighting, quality=qualities.get(place, 30)) for place, sighting in enumerate(track.sightings)]
    return Track(track.number, tuple(sightings))


def test_the_best_comes_first_and_the_next_is_another_moment(tracks: tuple[Track, ...]) -> None:
    track = with_qualities(tracks[0], {5: 80, 6: 79})
    chosen = choose_frames(track, 3)
    assert chosen[0] == track.sightings[5]
    assert chosen[1] in (track.sightings[0], track.sightings[-1], track.sightings[6])
    assert len(set(chosen)) == 3
    assert set(choose_frames(track, 1000)) == set(track.sightings)
    assert choose_frames(track, 0) == ()


def test_spans_are_when_a_face_was_seen(tracks: tuple[Track, ...]) -> None:
    ((first, last),) = find_spans(tracks[0])
    assert first == 0
    assert last > 2.7
    (before, after) = find_spans(tracks[1])
    assert before[1] <= 1.0
    assert after[0] >= 2.0


def test_only_the_picked_track_is_encoded(tracks: tuple[Track, ...], fetch: Any, make_reader: Any) -> None:
    reader = make_reader()
    probe = fuse_track(tracks[1], fetch, reader, frames=6)
    assert set(reader.encoded) == {2}
    assert len(reader.encoded) == 6
    assert probe.template.pack == reader.digest
    values = np.frombuffer(probe.template.values, dtype="<f4")
    assert np.linalg.norm(values) == pytest.approx(1.0, abs=1e-5)
    assert sum(share for _, share in probe.parts) == pytest.approx(1.0)
    assert {sighting for sighting, _ in probe.parts} <= set(tracks[1].sightings)


def test_better_frames_count_more(tracks: tuple[Track, ...], fetch: Any, reader: Any) -> None:
    track = with_qualities(tracks[0], {3: 90})
    shares = {sighting.quality: share for sighting, share in fuse_track(track, fetch, reader).parts}
    assert shares[90] == pytest.approx(3 * shares[30], rel=0.05)


def test_the_mean_of_euclidean_templates_keeps_its_length(
    tracks: tuple[Track, ...], fetch: Any, make_reader: Any
) -> None:
    probe = fuse_track(tracks[0], fetch, make_reader(metric=Metric.EUCLIDEAN, tracking=None))
    assert np.linalg.norm(np.frombuffer(probe.template.values, dtype="<f4")) < 0.9999


def test_a_frame_that_shows_somebody_else_has_no_part(tracks: tuple[Track, ...], fetch: Any, reader: Any) -> None:
    stray = tracks[1].sightings[0]
    mixed = Track(1, (*tracks[0].sightings, stray))
    probe = fuse_track(mixed, fetch, reader, frames=100)
    assert len(probe.parts) == len(tracks[0].sightings)
    assert stray not in [sighting for sighting, _ in probe.parts]


def test_a_track_whose_faces_are_all_unsuitable(tracks: tuple[Track, ...], fetch: Any, reader: Any) -> None:
    poor = with_qualities(tracks[0], dict.fromkeys(range(100), 12))
    before = len(reader.encoded)
    with pytest.raises(TrackUnsuitable, match="quality of 12, 20 is needed"):
        fuse_track(poor, fetch, reader)
    assert len(reader.encoded) == before
