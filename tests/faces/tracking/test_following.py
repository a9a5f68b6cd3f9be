"""Tracks follow people: through crossings, behind things, past cuts, and never from one to another."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from semblance.errors import Conflict
from semblance.faces.tracking.best_frames import find_spans
from semblance.faces.tracking.piece import MARKED
from semblance.faces.tracking.tracker import CALM, FaceTracker, follow_faces
from semblance.terms.samples import Box, Landmarks, Point

Draw = Callable[..., Any]
Who = Callable[[Any, Any], set[int]]


def follow(frames: Any, reader: Any) -> Any:
    return follow_faces(frames, FaceTracker(reader))


def test_a_face_that_stands_still_is_looked_at_now_and_then(reader: Any, draw: Draw) -> None:
    frames = [draw(number, {1: (100, 100)}) for number in range(75)]
    (track,) = follow(frames, reader)
    assert reader.looks == len(track.sightings) < 25
    assert track.sightings[-1].seconds > 2.7


def test_a_face_that_moves_is_looked_at_more_often(make_reader: Any, draw: Draw) -> None:
    still, fast = make_reader(), make_reader()
    follow([draw(number, {1: (100, 100)}) for number in range(50)], still)
    (track,) = follow([draw(number, {1: (30 + 5 * number, 100)}) for number in range(50)], fast)
    assert fast.looks > 2 * still.looks
    assert len(track.sightings) == fast.looks


def test_frames_that_are_not_wanted_need_not_be_given(make_reader: Any, draw: Draw) -> None:
    frames = [draw(number, {1: (30 + 2 * number, 100), 2: (250, 60)}) for number in range(75)]
    tracker, given = FaceTracker(make_reader()), 0
    for frame in frames:
        if tracker.wants(frame.seconds):
            tracker.take(frame)
            given += 1
    assert given < 50
    assert tracker.finish() == follow(frames, make_reader())


def test_a_long_track_keeps_landmarks_of_its_best_frames_alone(reader: Any, draw: Draw) -> None:
    still = draw(0, {1: (40, 40)}, size=(80, 80))
    frames = (replace(still, name=draw(number, {}, size=(1, 1)).name, seconds=number / 5) for number in range(320))
    (track,) = follow(frames, reader)
    marked = [sighting for sighting in track.sightings if sighting.landmarks is not None]
    assert len(track.sightings) == 320
    assert MARKED <= len(marked) < 2 * MARKED
    # where little changes, a template is rarely needed
    assert len(reader.encoded) < 40


def test_two_who_cross_keep_their_tracks(reader: Any, draw: Draw, who: Who) -> None:
    frames = [draw(number, {1: (30 + 5 * number, 100), 2: (290 - 5 * number, 100)}) for number in range(52)]
    tracks = follow(frames, reader)
    assert [who(track, frames) for track in tracks] == [{1}, {2}]
    assert all(track.sightings[-1].seconds > 1.9 for track in tracks)


def test_two_who_cross_and_look_alike_are_not_mixed(make_reader: Any, draw: Draw, who: Who) -> None:
    frames = [draw(number, {1: (30 + 5 * number, 100), 2: (290 - 5 * number, 100)}) for number in range(52)]
    tracks = follow(frames, make_reader(twins={2: 1}))
    assert len(tracks) >= 2
    assert all(len(who(track, frames)) == 1 for track in tracks)


def test_who_was_hidden_and_comes_out_elsewhere_is_the_same(reader: Any, draw: Draw, who: Who) -> None:
    there = {number: {1: (60, 100)} for number in range(25)} | {number: {1: (260, 140)} for number in range(55, 80)}
    frames = [draw(number, {3: (160, 200), **there.get(number, {})}) for number in range(80)]
    tracks = {frozenset(who(track, frames)): track for track in follow(frames, reader)}
    assert set(tracks) == {frozenset({1}), frozenset({3})}
    (first, second) = find_spans(tracks[frozenset({1})])
    assert first[0] == 0
    assert first[1] < 1.0
    assert second[0] >= 2.2


def test_somebody_else_in_the_place_of_who_was_hidden_is_somebody_else(reader: Any, draw: Draw, who: Who) -> None:
    people = [1] * 25 + [0] * 8 + [2] * 25
    frames = [draw(number, {person: (100, 100)} if person else {}) for number, person in enumerate(people)]
    tracks = follow(frames, reader)
    assert [who(track, frames) for track in tracks] == [{1}, {2}]


def test_somebody_else_in_the_very_next_frame_is_somebody_else(reader: Any, draw: Draw, who: Who) -> None:
    people = [1] * 30 + [2] * 30
    frames = [draw(number, {person: (100, 100)}) for number, person in enumerate(people)]
    tracks = follow(frames, reader)
    assert {frozenset(who(track, frames)) for track in tracks} >= {frozenset({1}), frozenset({2})}
    # what was seen since the last template that agreed may be of either, and is left to itself
    assert sum(len(who(track, frames)) > 1 for track in tracks) <= 1


def test_a_cut_in_which_two_change_places_does_not_mix_them(reader: Any, draw: Draw, who: Who) -> None:
    before = [draw(number, {1: (80, 100), 2: (220, 100)}, scene=30) for number in range(30)]
    after = [draw(number, {2: (80, 100), 1: (220, 100), 3: (150, 40)}, scene=220) for number in range(30, 60)]
    tracks = follow(before + after, reader)
    assert [who(track, before + after) for track in tracks] == [{1}, {2}, {3}]


def test_twins_seen_together_stay_apart_after_a_cut(make_reader: Any, draw: Draw, who: Who) -> None:
    before = [draw(number, {1: (80, 100), 2: (220, 100)}, scene=30) for number in range(30)]
    after = [draw(number, {2: (150, 60)}, scene=220) for number in range(30, 60)]
    tracks = follow(before + after, make_reader(twins={2: 1}))
    assert [who(track, before + after) for track in tracks] == [{1}, {2}, {2}]


def test_a_pack_that_says_nothing_of_likeness_joins_nothing(make_reader: Any, draw: Draw) -> None:
    frames = [draw(number, {1: (100, 100)} if number < 30 or number > 60 else {}) for number in range(90)]
    reader = make_reader(tracking=None)
    assert len(follow(frames, reader)) == 2
    assert reader.encoded == []


def test_half_a_face_at_the_edge_is_not_compared(reader: Any, draw: Draw) -> None:
    (track,) = follow([draw(number, {1: (100, 6)}) for number in range(10)], reader)
    assert track.sightings
    assert reader.encoded == []


@pytest.mark.parametrize("stop", [1, 14, 29, 44])
def test_going_on_from_a_state_gives_the_tracks_of_a_run_in_one_go(make_reader: Any, draw: Draw, stop: int) -> None:
    frames = [
        draw(number, {1: (30 + 5 * number, 100), 2: (290 - 5 * number, 100)}, scene=30 if number < 30 else 200)
        for number in range(52)
    ]
    whole = follow(frames, make_reader())
    tracker = FaceTracker(make_reader())
    for frame in frames[:stop]:
        tracker.take(frame)
    again = FaceTracker(make_reader(), state=tracker.state)
    last = next(place for place, frame in enumerate(frames) if frame.seconds == tracker.seconds)
    assert follow_faces(frames[last:], again) == whole


def test_a_state_of_another_pack_is_refused(reader: Any, make_reader: Any, draw: Draw) -> None:
    tracker = FaceTracker(reader)
    tracker.take(draw(0, {1: (100, 100)}))
    with pytest.raises(Conflict):
        FaceTracker(make_reader(digest="e" * 64), state=tracker.state)


def test_templates_go_when_following_ends_and_are_no_part_of_a_track(reader: Any, draw: Draw) -> None:
    tracker = FaceTracker(reader)
    for number in range(10):
        tracker.take(draw(number, {1: (100, 100)}))
    while_on = tracker.state
    tracks = tracker.finish()
    assert reader.encoded
    assert len(tracker.state) < len(while_on) / 3
    assert not any(piece.glimpses for piece in tracker._state.pieces)
    assert "Glimpse" not in repr(tracks)
    assert "array" not in repr(tracks)
    with pytest.raises(RuntimeError):
        tracker.take(draw(10, {}))


def test_the_first_tracks_are_there_while_it_goes_on(reader: Any, draw: Draw) -> None:
    tracker, told = FaceTracker(reader), []
    frames = [draw(number, {1: (100, 100), 2: (250, 100)}) for number in range(50)]

    def tell(seconds: float) -> None:
        told.append((seconds, [track.number for track in tracker.find_tracks()]))

    tracks = follow_faces(frames, tracker, on_progress=tell)
    assert told[0] == (0.0, [1, 2])
    assert told[-1] == (49 / 25, [track.number for track in tracks])


def test_no_frame_and_one_frame(make_reader: Any, draw: Draw) -> None:
    assert follow([], make_reader()) == ()
    (track,) = follow([draw(0, {1: (100, 100)})], make_reader())
    assert len(track.sightings) == 1
    assert find_spans(track) == ((0.0, 0.0),)


def test_frames_that_change_size_end_what_position_says(reader: Any, draw: Draw, who: Who) -> None:
    frames = [draw(number, {1: (100, 100)}) for number in range(20)]
    frames += [draw(number, {2: (100, 100)}, size=(480, 640)) for number in range(20, 40)]
    tracks = follow(frames, reader)
    assert [who(track, frames) for track in tracks] == [{1}, {2}]


def test_times_that_jump_and_are_negative(reader: Any, draw: Draw, who: Who) -> None:
    times = [-2 + number / 25 for number in range(25)] + [90 + number / 25 for number in range(25)]
    times += [number / 25 for number in range(25)]
    frames = [draw(number, {1 if number < 50 else 2: (100, 100)}, seconds=at) for number, at in enumerate(times)]
    tracks = follow(frames, reader)
    assert [who(track, frames) for track in tracks] == [{1}, {2}]
    assert len(find_spans(tracks[0])) == 2


def test_five_hundred_faces_in_a_frame(make_reader: Any, draw: Draw) -> None:
    class Crowd(make_reader):  # type: ignore[misc]
        def find(self, photo: Any) -> Any:
            (face,) = super().find(photo)
            places = [(column * 45.0, row * 45.0) for row in range(20) for column in range(25)]
            return tuple(_move(face, across, down) for across, down in places)

        def assess(self, photo: Any, found: Any, chosen: Any, features: Any) -> Any:
            assert len(found) <= 40
            return super().assess(photo, tuple(_move(face, 0, 0) for face in found), chosen, features)

    reader = Crowd()
    frames = [draw(number, {1: (20, 20)}, size=(920, 1160)) for number in range(6)]
    tracks = follow(frames, reader)
    assert len(tracks) == 500
    assert all(len(track.sightings) == reader.looks for track in tracks)
    assert len(reader.encoded) <= 8 * reader.looks
    assert reader.looks <= 1 / CALM + 8


def _move(face: Any, across: float, down: float) -> Any:
    box = face.box
    marks = Landmarks(*(Point(point.x + across, point.y + down) for point in face.landmarks.points))
    moved = Box(box.left + across, box.top + down, box.right + across, box.bottom + down)
    return replace(face, box=moved, landmarks=marks)
