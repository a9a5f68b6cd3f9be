"""A covered clip: every frame covered before it is encoded anew; nothing of the source but what is seen goes along."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, Final, Protocol

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from semblance.faces.redaction.cover import FILL, cover_pixels, make_mask
from semblance.faces.redaction.missed import FindFaces, cover_missed
from semblance.faces.redaction.outlines import ManualBox, find_outlines, place_face
from semblance.faces.redaction.reference import add_band, draw_band
from semblance.terms.tracks import Track

HOLD: Final = 2.0
"""Seconds for which a head is covered before it was first seen and after it was last seen."""

_TICKS: Final = 90_000
_LONGEST: Final = 3600 * _TICKS
"""Between two frames; times that jump further are no times."""
_ENCODER: Final = "libx264"
_QUALITY: Final = {"preset": "veryfast", "crf": "20"}
_BT709: Final = 1
_LIMITED: Final = 1


class TimedPixels(Protocol):
    """A frame as reading a video yields it: ``pixels`` uint8 (height, width, 3), RGB, upright, and its time."""

    @property
    def seconds(self) -> float: ...

    @property
    def pixels(self) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, slots=True)
class Covering:
    """What of a clip is covered: every track but the chosen one, by its number, and what somebody marked.

    ``find`` looks at each covered frame once more, and whatever face it sees is covered too; None trusts the tracks.
    """

    tracks: Sequence[Track]
    chosen: int
    boxes: Sequence[ManualBox] = ()
    hold: float = HOLD
    find: FindFaces | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CoveredFrame:
    """A frame of which nothing covered is left; ``missed`` counts the faces that only the last look found."""

    seconds: float
    pixels: NDArray[np.uint8]
    missed: int


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What was written: frames, their length in seconds from the first to the last, and faces that tracks missed."""

    frames: int
    seconds: float
    missed: int


def cover_frames(frames: Iterable[TimedPixels], covering: Covering) -> Iterator[CoveredFrame]:
    """Yield each frame covered, one at a time; raises StillSeen where a face is seen however much is covered."""
    chosen = next((track for track in covering.tracks if track.number == covering.chosen), None)
    if chosen is None:
        raise ValueError(f"there is no track {covering.chosen}")
    for frame in frames:
        outlines = find_outlines(covering.tracks, covering.chosen, covering.boxes, frame.seconds, hold=covering.hold)
        mask, missed = make_mask(frame.pixels.shape, outlines), 0
        if covering.find is not None:
            mask, found = cover_missed(frame.pixels, mask, place_face(chosen, frame.seconds), covering.find)
            missed = len(found)
        yield CoveredFrame(frame.seconds, cover_pixels(frame.pixels, mask), missed)


def write_clip(out: IO[bytes], frames: Iterable[CoveredFrame], *, reference: str) -> ClipFacts:
    """Write the frames as an MP4 (H.264, 4:2:0) without sound into ``out``, which can seek.

    Times are those of the frames, counted from the first; one that does not lie after the frame before it follows that
    at once. Frames of another size than the first are fitted into it. Raises ValueError where there is no frame.
    """
    count, missed, first, last = 0, 0, 0.0, -1
    band: NDArray[np.uint8] | None = None
    size = (0, 0)
    with av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(_ENCODER, options=_QUALITY | {"flags": "+bitexact"})
        for frame in frames:
            if band is None:
                first, size = frame.seconds, frame.pixels.shape[:2]
                band = draw_band(size[1], size[0], reference)
                _set_up(stream, size[0], band)
            picture = av.VideoFrame.from_ndarray(add_band(_fit(frame.pixels, size), band), format="rgb24")
            last = _place(frame.seconds - first, last)
            picture.pts, picture.time_base = last, Fraction(1, _TICKS)
            container.mux(stream.encode(_convert(picture)))
            count, missed = count + 1, missed + frame.missed
        if not count:
            raise ValueError("a clip of no frame")
        container.mux(stream.encode(None))
    return ClipFacts(count, last / _TICKS, missed)


def _set_up(stream: VideoStream, rows: int, band: NDArray[np.uint8]) -> None:
    context = stream.codec_context
    context.height, context.width = add_band(np.zeros((rows, 1, 3), np.uint8), band).shape[:2]
    context.pix_fmt = "yuv420p"
    context.color_range = _LIMITED
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.time_base = stream.time_base = Fraction(1, _TICKS)


def _place(seconds: float, last: int) -> int:
    """Return the time in ticks, after the one before."""
    ticks = round(seconds * _TICKS) if math.isfinite(seconds) else 0
    return min(max(ticks, last + 1), last + _LONGEST)


def _fit(pixels: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.uint8]:
    rows, columns = size
    height, width = pixels.shape[:2]
    if (height, width) == (rows, columns):
        return pixels
    scale = min(rows / height, columns / width)
    height, width = max(1, round(height * scale)), max(1, round(width * scale))
    whole = np.full((rows, columns, 3), FILL, np.uint8)
    whole[:height, :width] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return whole


def _convert(picture: av.VideoFrame) -> av.VideoFrame:
    return picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
