"""A covered clip holds nobody but the chosen person, and nothing of its source but what is seen."""

import io
from collections.abc import Iterable
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.faces.redaction.conftest import Scene
from tests.faces.redaction.scenes import Frame, as_photo, decode, scramble

from semblance.faces.extraction import PackExtractor
from semblance.faces.extractor import measure_overlap
from semblance.faces.redaction.clip import CoveredFrame, Covering, cover_frames
from semblance.faces.redaction.cover import make_mask
from semblance.faces.redaction.missed import StillSeen, cover_missed
from semblance.faces.redaction.outlines import ManualBox, find_outlines
from semblance.faces.redaction.write_clip import ClipFacts, write_clip
from semblance.terms.samples import Box

REFERENCE = "R-1234-5678-9ABC"


def export(frames: Iterable[Frame], covering: Covering) -> bytes:
    out = io.BytesIO()
    write_clip(out, cover_frames(frames, covering), reference=REFERENCE)
    return out.getvalue()


def find_faces(extractor: PackExtractor, pixels: NDArray[np.uint8]) -> list[Box]:
    return [face.box for face in extractor.find(as_photo(pixels))]


@pytest.fixture(scope="module")
def clip(scene: Scene) -> bytes:
    return export(scene.frames, scene.covering)


def test_no_detector_finds_a_bystander_in_the_clip_nor_in_it_enlarged(
    clip: bytes, scene: Scene, extractor: PackExtractor
) -> None:
    frames = decode(clip)
    assert len(frames) == len(scene.frames)
    seen_before = [len(find_faces(extractor, frame.pixels)) for frame in scene.frames]
    assert sum(seen_before) >= 2.5 * len(frames)
    for number, pixels in enumerate(frames):
        chosen = scene.walks[1].find_face(number / (len(frames) - 1)).box
        for scale in (1, 2):
            enlarged = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
            found = find_faces(extractor, enlarged)
            assert len(found) == 1
            edges = found[0].left, found[0].top, found[0].right, found[0].bottom
            assert measure_overlap(Box(*(edge / scale for edge in edges)), chosen) > 0.5


def test_no_byte_of_the_clip_depends_on_what_is_covered(clip: bytes, scene: Scene) -> None:
    covering = scene.covering
    outlines = [
        find_outlines(covering.tracks, covering.chosen, (), frame.seconds, hold=covering.hold) for frame in scene.frames
    ]
    masks = [make_mask(frame.pixels.shape, found) for frame, found in zip(scene.frames, outlines, strict=True)]
    other = scramble(scene.frames, masks)
    assert all(mask.any() for mask in masks)
    assert any((a.pixels != b.pixels).any() for a, b in zip(scene.frames, other, strict=True))
    assert export(other, covering) == clip
    # and what is not covered does count
    other[0].pixels[~masks[0]] ^= 255
    assert export(other, covering) != clip


def test_covered_pixels_are_one_colour_in_what_is_played(clip: bytes, scene: Scene) -> None:
    covering = scene.covering
    for frame, pixels in zip(scene.frames, decode(clip), strict=True):
        outlines = find_outlines(covering.tracks, covering.chosen, (), frame.seconds, hold=covering.hold)
        mask = make_mask(frame.pixels.shape, outlines).astype(np.uint8)
        inside = cv2.erode(mask, np.ones((33, 33), np.uint8)) > 0
        assert inside.any()
        assert int(pixels[: mask.shape[0]][inside].max()) <= 6


def test_the_clip_has_one_stream_no_metadata_and_its_reference_below_the_picture(clip: bytes) -> None:
    with av.open(io.BytesIO(clip), "r") as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert container.streams.video[0].codec_context.name == "h264"
        assert not {"encoder", "creation_time", "title", "comment"} & container.metadata.keys()
        assert not container.streams.video[0].metadata.keys() - {"language", "handler_name", "vendor_id"}
    band = decode(clip)[0][360:]
    assert band.shape == (44, 640, 3)
    assert band.max() > 200
    assert (band[:, 320:] < 20).all()


def test_a_head_that_no_track_has_is_covered_by_a_box_or_by_the_last_look(
    scene: Scene, published: PackExtractor
) -> None:
    tracks = [track for track in scene.tracks if track.number != 2]
    frames, bystander = scene.frames[:3], scene.walks[2].find_face(0).box
    seen = decode(export(frames, Covering(tracks, chosen=1)))
    assert any(measure_overlap(face, bystander) > 0.5 for face in find_faces(published, seen[0]))
    left, top, right, bottom = bystander.left - 30, bystander.top - 50, bystander.right + 30, bystander.bottom + 40
    by_hand = Covering(tracks, chosen=1, boxes=[ManualBox(Box(left, top, right, bottom), first=0.1, last=0.15)])
    marked = [len(find_faces(published, pixels)) for pixels in decode(export(frames, by_hand))]
    assert marked == [2, 1, 2]
    looking = Covering(tracks, chosen=1, find=lambda pixels: find_faces(published, pixels))
    out = io.BytesIO()
    covered = list(cover_frames(frames, looking))
    write_clip(out, covered, reference=REFERENCE)
    assert sum(frame.missed for frame in covered) == 3
    assert [len(find_faces(published, pixels)) for pixels in decode(out.getvalue())] == [1, 1, 1]


def test_what_is_seen_however_much_is_covered_stops_the_export(grey: NDArray[np.uint8]) -> None:
    always = Box(10, 10, 30, 30)
    mask = make_mask(grey.shape, [])

    def see(pixels: NDArray[np.uint8]) -> list[Box]:
        return [always] if pixels.shape == grey.shape else []

    with pytest.raises(StillSeen):
        cover_missed(grey, mask, None, see)
    _, missed = cover_missed(grey, mask, Box(11, 11, 31, 31), see)
    assert missed == ()


def write(frames: Iterable[CoveredFrame]) -> tuple[ClipFacts, list[tuple[float, tuple[int, ...]]]]:
    out = io.BytesIO()
    facts = write_clip(out, frames, reference=REFERENCE)
    with av.open(io.BytesIO(out.getvalue()), "r") as container:
        return facts, [(float(frame.time or 0), (frame.height, frame.width)) for frame in container.decode(video=0)]


def test_times_are_those_of_the_frames_and_jumps_do_not_break_it(grey: NDArray[np.uint8]) -> None:
    frames = [CoveredFrame(seconds, grey, 0) for seconds in (-3.0, -2.96, -2.5, -2.7, float("nan"), -2.0)]
    facts, played = write(frames)
    times = [time for time, _ in played]
    assert times == pytest.approx([0, 0.04, 0.5, 0.5, 0.5, 1.0], abs=0.001)
    assert times == sorted(set(times))
    assert facts.frames == 6
    assert facts.seconds == pytest.approx(1.0)


def test_odd_and_changing_sizes_and_narrow_pictures_are_written(grey: NDArray[np.uint8]) -> None:
    frames = [CoveredFrame(0, grey, 0), CoveredFrame(0.1, grey[:50], 0), CoveredFrame(0.2, grey.repeat(3, 0), 0)]
    _, played = write(frames)
    assert [size for _, size in played] == [(144, 162)] * 3
    _, narrow = write([CoveredFrame(0, grey[:, :17], 0)])
    assert narrow[0][1][1] > 80


def test_no_frame_is_no_clip_and_a_track_that_is_not_there_covers_nothing_by_mistake(scene: Scene) -> None:
    with pytest.raises(ValueError, match="no frame"):
        write_clip(io.BytesIO(), [], reference=REFERENCE)
    with pytest.raises(ValueError, match="no track 9"):
        list(cover_frames(scene.frames, replace(scene.covering, chosen=9)))
