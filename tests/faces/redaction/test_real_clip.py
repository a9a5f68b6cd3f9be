"""A real clip, read, followed and exported as the product does it: nobody but the chosen person is found in it."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.faces.redaction.scenes import as_photo, decode

from semblance.faces.extraction import PackExtractor
from semblance.faces.extractor import measure_overlap
from semblance.faces.redaction.clip import Covering, cover_frames
from semblance.faces.redaction.outlines import place_face
from semblance.faces.redaction.write_clip import write_clip
from semblance.faces.sandbox.videos import iterate_frames
from semblance.faces.tracking.tracker import FaceTracker, follow_faces
from semblance.faces.video.frame import VideoFrame
from semblance.terms.samples import Box
from semblance.terms.tracks import Track

SECONDS = 1.2


class Source:
    """The bytes of a file."""

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]


@pytest.fixture(scope="module")
def followed(test_data: Path, published: PackExtractor) -> tuple[list[VideoFrame], tuple[Track, ...]]:
    path = test_data / "video" / "openmpf_video_01.mp4"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with iterate_frames(Source(path.read_bytes()), name=path.name, until=SECONDS) as found:
        frames = list(found)
    return frames, follow_faces(frames, FaceTracker(published))


def test_of_five_people_only_the_chosen_one_is_found(
    followed: tuple[list[VideoFrame], tuple[Track, ...]], extractor: PackExtractor
) -> None:
    frames, tracks = followed
    assert len(tracks) >= 4
    chosen = max(tracks, key=lambda track: (len(track.sightings), track.sightings[0].box.area))
    out = io.BytesIO()
    write_clip(out, cover_frames(frames, Covering(tracks, chosen.number)), reference="R-0000-0000-0000")
    found = 0
    for frame, pixels in list(zip(frames, decode(out.getvalue()), strict=True))[1::6]:
        place = place_face(chosen, frame.seconds)
        for scale in (1, 2):
            enlarged = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
            for face in extractor.find(as_photo(enlarged)):
                edges = face.box.left, face.box.top, face.box.right, face.box.bottom
                assert place is not None
                assert measure_overlap(Box(*(edge / scale for edge in edges)), place) > 0.3, frame.seconds
                found += 1
    assert found >= 6
