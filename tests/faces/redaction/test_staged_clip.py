"""A video staged from real photos, followed and exported as the product does it: only the chosen person is found."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tests.faces.redaction.scenes import as_photo, decode, list_photos
from tests.faces.video.clips import make_clip

from semblance.faces.extraction import PackExtractor
from semblance.faces.extractor import measure_overlap
from semblance.faces.redaction.clip import Covering, cover_frames
from semblance.faces.redaction.outlines import place_face
from semblance.faces.redaction.still import look_with
from semblance.faces.sandbox.clips import encode_clip
from semblance.faces.sandbox.videos import iterate_frames
from semblance.faces.staging import HEIGHT, RATE, WIDTH, Actor, Level, stage_video
from semblance.faces.tracking.tracker import FaceTracker, follow_faces
from semblance.terms.byte_source import MemorySource
from semblance.terms.samples import Box

SECONDS = 0.8
PEOPLE = 3


def cast_people(extractor: PackExtractor, data: Path) -> list[Actor]:
    """Return people in whose photo one face is seen."""
    found: list[Actor] = []
    for name, path in list_photos(data, "probe"):
        with Image.open(path) as image:
            photo = as_photo(np.asarray(image.convert("RGB")))
        faces = extractor.find(photo)
        if len(faces) == 1:
            found.append(Actor(name, photo, faces[0].box))
        if len(found) == PEOPLE:
            break
    return found


def find_faces(extractor: PackExtractor, pixels: NDArray[np.uint8], scale: int) -> list[Box]:
    enlarged = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    boxes = (face.box for face in extractor.find(as_photo(enlarged)))
    return [Box(box.left / scale, box.top / scale, box.right / scale, box.bottom / scale) for box in boxes]


def test_no_pack_finds_a_bystander_in_a_staged_video(
    published: PackExtractor, embedded: PackExtractor, test_data: Path
) -> None:
    frames = list(stage_video(cast_people(published, test_data), Level.EASY, seconds=SECONDS, seed=2))
    video = make_clip(
        size=(WIDTH, HEIGHT),
        times=range(len(frames)),
        time_base=Fraction(1, RATE),
        draw=lambda number, *_size: np.ascontiguousarray(frames[number].pixels),
        options={"crf": "16", "preset": "ultrafast"},
    )
    with iterate_frames(MemorySource(video), name="x") as read:
        tracks = follow_faces(read, FaceTracker(published))
    assert len(tracks) >= PEOPLE
    chosen = max(tracks, key=lambda track: len(track.sightings))
    covering = Covering(tracks, chosen.number, find=look_with(published))
    with encode_clip("R-0000-0000-0000") as encoder:
        with iterate_frames(MemorySource(video), name="x") as read:
            for frame in cover_frames(read, covering):
                encoder.add(frame)
        clip = b"".join(encoder.finish().pieces)
    seen = dict.fromkeys(("before", "chosen"), 0)
    for number, pixels in list(enumerate(decode(clip)))[::5]:
        place = place_face(chosen, number / RATE)
        seen["before"] += len(find_faces(published, frames[number].pixels, 1))
        for extractor in (published, embedded):
            for box in (*find_faces(extractor, pixels, 1), *find_faces(extractor, pixels, 2)):
                assert place is not None
                assert measure_overlap(box, place) > 0.25, (number, box)
                seen["chosen"] += 1
    assert seen["before"] >= 8
    # covering wins where people cross
    assert seen["chosen"] >= 2
