"""A covered clip is encoded anew: nothing of the source goes along but what is seen, and what is heard if asked for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, Final

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from semblance.faces.redaction.clip import CoveredFrame
from semblance.faces.redaction.cover import FILL
from semblance.faces.redaction.reference import add_band, draw_band
from semblance.faces.video.sound import SOUND_RATE, Sound

_TICKS: Final = 90_000
_LONGEST: Final = 3600 * _TICKS
"""Between two frames; times that jump further are no times."""
_ENCODER: Final = "libx264"
_EXACT: Final = "+bitexact"
"""No date, and no name of a program."""
_QUALITY: Final = {"preset": "veryfast", "crf": "20", "flags": _EXACT}
_BT709: Final = 1
_LIMITED: Final = 1
_SOUND_BITS: Final = 96_000
_SOUND_BLOCK: Final = 1024
_LAST: Final = 1 / 25
"""Seconds for which sound goes on from the last frame on."""


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What was written: how many frames, and their length in seconds from the first to the last."""

    frames: int
    seconds: float


def write_clip(
    out: IO[bytes], frames: Iterable[CoveredFrame], *, reference: str, sound: Sound | None = None
) -> ClipFacts:
    """Write the frames as an MP4 (H.264, 4:2:0) into ``out``, which can seek; the sound as AAC, where there is one.

    Times are those of the frames, counted from the first; one that does not lie after the frame before it follows that
    at once. Frames of another size than the first are fitted into it. Raises ValueError where there is no frame.
    """
    count, last = 0, -1
    with av.open(out, "w", format="mp4", options={"fflags": _EXACT}) as container:
        picture: _PictureStream | None = None
        voice: _SoundStream | None = None
        for frame in frames:
            if picture is None:
                first = frame.seconds
                picture = _PictureStream(container, frame.pixels, reference)
                voice = None if sound is None else _SoundStream(container, sound, first)
            last = _place(frame.seconds - first, last)
            if voice is not None:
                voice.write_until(last / _TICKS)
            picture.write(frame.pixels, last)
            count += 1
        if picture is None:
            raise ValueError("a clip of no frame")
        picture.end()
        if voice is not None:
            voice.write_until(last / _TICKS + _LAST)
            voice.end()
    return ClipFacts(count, last / _TICKS)


class _PictureStream:
    """Frames with the reference number below them, in the size of the first."""

    def __init__(self, container: OutputContainer, pixels: NDArray[np.uint8], reference: str) -> None:
        self._size = pixels.shape[:2]
        self._band = draw_band(self._size[1], self._size[0], reference)
        self._container = container
        self._stream: VideoStream = container.add_stream(_ENCODER, options=_QUALITY)
        context = self._stream.codec_context
        context.height, context.width = add_band(np.zeros((self._size[0], 1, 3), np.uint8), self._band).shape[:2]
        context.pix_fmt = "yuv420p"
        context.color_range = _LIMITED
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.time_base = self._stream.time_base = Fraction(1, _TICKS)

    def write(self, pixels: NDArray[np.uint8], ticks: int) -> None:
        picture = av.VideoFrame.from_ndarray(add_band(_fit(pixels, self._size), self._band), format="rgb24")
        picture.pts, picture.time_base = ticks, Fraction(1, _TICKS)
        self._container.mux(self._stream.encode(_convert(picture)))

    def end(self) -> None:
        self._container.mux(self._stream.encode(None))


class _SoundStream:
    """Sound from the moment of the first frame on."""

    def __init__(self, container: OutputContainer, sound: Sound, first: float) -> None:
        self._container = container
        self._stream: AudioStream = container.add_stream(
            "aac", rate=SOUND_RATE, options={"flags": _EXACT}, layout="mono", bit_rate=_SOUND_BITS
        )
        self._samples = sound.samples[max(0, round((first - sound.start) * SOUND_RATE)) :]
        self._given = 0

    def write_until(self, seconds: float) -> None:
        end = min(len(self._samples), round(seconds * SOUND_RATE))
        while self._given + _SOUND_BLOCK <= end:
            self._write(self._given + _SOUND_BLOCK)
        self._end = end

    def end(self) -> None:
        if self._given < self._end:
            self._write(self._end)
        self._container.mux(self._stream.encode(None))

    def _write(self, end: int) -> None:
        block = self._samples[self._given : end].astype(np.float32) / (1 << 15)
        heard = av.AudioFrame.from_ndarray(block[None], format="fltp", layout="mono")
        heard.sample_rate, heard.pts, heard.time_base = SOUND_RATE, self._given, Fraction(1, SOUND_RATE)
        self._container.mux(self._stream.encode(heard))
        self._given = end


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
