"""A film of two people who walk past each other, made from the portraits that come with packages."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from tests.faces.video.clips import make_clip

from semblance.faces.decode import decode_photo
from semblance.faces.staging import HEIGHT, RATE, WIDTH, Actor, Level, stage_video
from semblance.faces.tracking.seeing import FaceReader

SECONDS: Final = 1.6
_FILMS: Final[dict[tuple[Path, ...], bytes]] = {}


def make_film(extractor: FaceReader, portraits: Sequence[Path]) -> bytes:
    """Return the film as an MP4; it is made once for all tests."""
    if tuple(portraits) not in _FILMS:
        _FILMS[tuple(portraits)] = _make_film(extractor, portraits)
    return _FILMS[tuple(portraits)]


def _make_film(extractor: FaceReader, portraits: Sequence[Path]) -> bytes:
    photos = [decode_photo(path.read_bytes(), name=path.name) for path in portraits]
    cast = [Actor(photo.facts.sha256, photo, extractor.find(photo)[0].box) for photo in photos]
    frames = [frame.pixels for frame in stage_video(cast, Level.EASY, seconds=SECONDS, seed=3)]
    return make_clip(
        size=(WIDTH, HEIGHT),
        times=range(len(frames)),
        time_base=Fraction(1, RATE),
        draw=lambda number, *_size: np.ascontiguousarray(frames[number]),
        options={"crf": "18", "preset": "ultrafast"},
    )
