"""A face followed through a video: where it was seen, in which frames, and nothing by which it could be searched."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from semblance.terms.frames import FrameName, require_frame_name
from semblance.terms.samples import Box, Landmarks, Point


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face in one frame; places are pixels of that frame.

    ``seconds`` is the frame's time in the video. ``detection_score`` runs from 0 to 1, higher is surer. ``quality`` is
    the UnifiedQualityScore, 0 to 100, or -1 where it was not assessable; the encoder has no part in it. ``landmarks``
    are kept of the best hundred or so sightings of a face.
    """

    frame: FrameName
    seconds: float
    box: Box
    landmarks: Landmarks | None
    detection_score: float
    quality: int


@dataclass(frozen=True, slots=True)
class Track:
    """The sightings of one face, in the order of the video, at most one a frame, never none.

    ``number`` is the track's own in its video, and stays while the video is being followed: where two tracks turn out
    to be one, the lower number stays.
    """

    number: int
    sightings: tuple[Sighting, ...]


def write_tracks(tracks: Sequence[Track]) -> bytes:
    """Return the tracks as bytes; numbers keep every bit."""
    document = [[track.number, [*map(write_sighting, track.sightings)]] for track in tracks]
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def read_tracks(data: bytes) -> tuple[Track, ...]:
    """Return the tracks that ``write_tracks`` wrote."""
    document = json.loads(zlib.decompress(data))
    return tuple(Track(number, tuple(map(read_sighting, sightings))) for number, sightings in document)


def write_sighting(sighting: Sighting) -> list[Any]:
    """Return a sighting as JSON writes it."""
    box, marks = sighting.box, sighting.landmarks
    return [
        str(sighting.frame),
        sighting.seconds,
        [box.left, box.top, box.right, box.bottom],
        None if marks is None else [[point.x, point.y] for point in marks.points],
        sighting.detection_score,
        sighting.quality,
    ]


def read_sighting(written: list[Any]) -> Sighting:
    """Return the sighting that ``write_sighting`` wrote."""
    frame, seconds, box, marks, score, quality = written
    landmarks = None if marks is None else Landmarks(*(Point(x, y) for x, y in marks))
    return Sighting(require_frame_name(frame), seconds, Box(*box), landmarks, score, quality)
