"""The sound of a part of a video, decoded and brought to one channel; nothing of how it was encoded is left."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from typing import IO, Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from semblance.errors import UnsupportedVideo
from semblance.faces.video.opening import OpenedVideo, open_video
from semblance.faces.video.sound import SOUND_RATE

_CODECS: Final = frozenset({"aac", "mp3", "mp2", "opus", "vorbis", "ac3", "flac", "alac", "amrnb", "amr_nb"})
_LEAD: Final = 1.0
"""Seconds before the part from where it is decoded."""
_DRIFT: Final = 0.03
"""Seconds by which times may differ from the count of samples before sound is laid at its time anew."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadSound:
    """``samples``: int16, one channel, from ``seconds`` on; of what lies before the part that was asked for none."""

    seconds: float
    samples: NDArray[np.int16] | None


def read_sound(file: IO[bytes], name: str, start: float, until: float) -> Iterator[ReadSound]:
    """Give the sound between two times, in seconds of the video, piece by piece; what cannot be decoded is left out.

    Raises UnsupportedVideo where there is none that can be read, and what ``open_video`` raises.
    """
    video, stream = _enter(file, name, start - _LEAD)
    resampler, at = _make_resampler(), start
    for frame in _decode(video, stream):
        seconds = at if frame.time is None else frame.time
        if seconds > until:
            return
        if seconds + frame.samples / max(1, frame.sample_rate) < start:
            yield ReadSound(seconds, None)
            continue
        try:
            parts = resampler.resample(frame)
        except ValueError:
            # the sound changes its form on the way
            resampler = _make_resampler()
            parts = resampler.resample(frame)
        if abs(seconds - at) > _DRIFT:
            at = seconds
        for part in parts:
            samples = np.ascontiguousarray(part.to_ndarray().reshape(-1), np.int16)
            yield ReadSound(at, samples)
            at += len(samples) / SOUND_RATE


def _choose_stream(video: OpenedVideo) -> AudioStream:
    for stream in video.container.streams.audio:
        context = stream.codec_context
        codec = "" if context is None else str(context.codec.canonical_name)
        if codec in _CODECS or codec.startswith("pcm_"):
            stream.codec_context.thread_count = 1
            return stream
    raise UnsupportedVideo(
        "video.no-sound", "{name} has no sound that can be read: make the clip without sound.", name=video.name
    )


def _enter(file: IO[bytes], name: str, seconds: float) -> tuple[OpenedVideo, AudioStream]:
    """Open the video at the last point of entry of its pictures before that time, as their index is the surer one."""
    video = open_video(file, name)
    if seconds > 0:
        base = video.stream.time_base
        assert base is not None
        try:
            video.container.seek(floor(seconds / base), stream=video.stream)
        except (av.FFmpegError, ValueError, OverflowError):
            # without an index it is read from its beginning
            video.close()
            video = open_video(file, name)
    return video, _choose_stream(video)


def _decode(video: OpenedVideo, stream: AudioStream) -> Iterator[AudioFrame]:
    packets = video.container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError, ValueError):
            return
        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError) as error:
            if isinstance(error, MemoryError):
                raise
            continue
        yield from frames


def _make_resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
