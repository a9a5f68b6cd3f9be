"""Videos from outside: the bytes go, piece by piece, to a process that decodes; frames come back and are checked.

Whoever has to do with videos calls this, never a decoder.
"""

import importlib.util
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from threading import BoundedSemaphore
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.errors import (
    Busy,
    DamagedVideo,
    DecoderFailed,
    DependencyMissing,
    FrameDisputed,
    SemblanceError,
    UnsupportedVideo,
    VideoTooLarge,
)
from semblance.faces.sandbox.pool import count_places
from semblance.faces.sandbox.process import SECONDS, Decoder, DecoderEnded
from semblance.faces.sandbox.said import read_said
from semblance.faces.sandbox.video_answers import Unbelievable, read_facts, read_frame, read_notes
from semblance.faces.video.frame import MAX_FRAME_PIXELS, VideoFrame, turn_frame
from semblance.faces.video.sound import SOUND_RATE, Sound
from semblance.messages.message import Message
from semblance.terms.byte_source import ByteSource
from semblance.terms.frames import FrameName, VideoFacts
from semblance.terms.samples import QuarterTurn

WAIT: Final = 60.0
"""Seconds for which another video is waited for where as many as there are places are being read."""

_PLACES: Final = BoundedSemaphore(count_places())
_ERRORS: Final[Mapping[str, type[SemblanceError]]] = {
    kind.code: kind for kind in (UnsupportedVideo, DamagedVideo, VideoTooLarge, FrameDisputed)
}
_SUBJECTS: Final = ("video.", "photo.", "content.")
_LONGEST_READ: Final = 1024 * 1024
_LONGEST_ROW: Final = 4 * 1024 * 1024
"""Bytes of sound that come at once; a second of it takes a fortieth."""

Watch = Callable[[float], None]
"""Is told, about every second while no frame comes, how far in seconds decoding is; what it raises ends the reading."""

Wanted = Callable[[], float | None]
"""Says from when on, in seconds, a frame is wanted next; None: the very next one."""


class VideoFrames:
    """Frames as they come, each once; ``notes`` say what was found, and are empty until the last has come."""

    def __init__(self, frames: Iterator[VideoFrame]) -> None:
        self._frames = frames
        self.notes: tuple[Message, ...] = ()

    def __iter__(self) -> "VideoFrames":
        return self

    def __next__(self) -> VideoFrame:
        return next(self._frames)


def read_video_facts(source: ByteSource, *, name: str) -> VideoFacts:
    """Return what the video is, without decoding all of it; ``name`` is what errors and notes call it.

    Its digest is not told: it takes all bytes, and whoever kept them knows it. Raises UnsupportedVideo (no video,
    sound only, an encoding that is not read), DamagedVideo (not one picture), VideoTooLarge, DecoderFailed (the
    decoder broke off, or took too long or too much), DependencyMissing, Busy, and what ``source.read`` raises.
    """
    with _lend_decoder() as decoder:
        for answer, _ in _converse(decoder, source, name, {"task": "facts"}, 0):
            facts = answer.get("facts")
            with _doubting(name):
                return read_facts(facts, source.size)
    raise _failed(name, late=False)


@contextmanager
def iterate_frames(
    source: ByteSource,
    *,
    name: str,
    every: float | None = None,
    start: float | None = None,
    until: float | None = None,
    longest: int | None = None,
    stream: int | None = None,
    turned: QuarterTurn = 0,
    watch: Watch | None = None,
    wanted: Wanted | None = None,
) -> Iterator[VideoFrames]:
    """Give the frames between two times in the order in which they are shown, one every so many seconds, or all.

    ``longest``: the most pixels on a side; larger frames come smaller, named as ever. ``stream``: which of several, by
    its index. ``turned``: by how much frames are turned, clockwise, after what the file asks for. ``until``: reading
    ends with the first frame behind it. ``wanted`` is asked after each frame from when on the next one is wanted, and
    takes the place of ``every`` and ``until``. Frames may be of different sizes. The decoder is a few frames ahead at
    most, and ends when the block is left. Each that is open takes one of few places: do not open another one inside.
    Raises what ``read_video_facts`` raises; a damaged video gives the frames that can be read.
    """
    asked = {"task": "frames", "every": every, "start": start, "until": until, "longest": longest, "stream": stream}
    asked["waits"] = wanted is not None
    with _lend_decoder() as decoder:

        def give() -> Iterator[VideoFrame]:
            for answer, pixels in _converse(decoder, source, name, asked, _count_most(longest), watch, wanted):
                with _doubting(name):
                    if "notes" in answer:
                        frames.notes = read_notes(answer["notes"])
                        return
                    frame = read_frame(answer, pixels, longest)
                yield turn_frame(frame, turned)

        frames = VideoFrames(give())
        yield frames


def find_frame(
    source: ByteSource,
    frame: FrameName,
    *,
    name: str,
    longest: int | None = None,
    turned: QuarterTurn = 0,
    watch: Watch | None = None,
) -> VideoFrame:
    """Return exactly that frame again, smaller and turned as ``iterate_frames`` does.

    Raises FrameDisputed where it is not there, or shows something else; besides what ``read_video_facts`` raises.
    """
    with closing(find_frames(source, [frame], name=name, longest=longest, turned=turned, watch=watch)) as found:
        return next(found)


def find_frames(
    source: ByteSource,
    frames: Iterable[FrameName],
    *,
    name: str,
    longest: int | None = None,
    turned: QuarterTurn = 0,
    watch: Watch | None = None,
) -> Generator[VideoFrame, None, None]:
    """Give exactly those frames again, in the order in which they are asked for, as ``find_frame`` does."""
    with _lend_decoder() as decoder:
        for frame in frames:
            base = frame.time_base
            asked = [frame.stream, frame.pts, base.numerator, base.denominator, frame.sha256]
            header = {"task": "find", "frame": asked, "longest": longest}
            found = None
            for answer, pixels in _converse(decoder, source, name, header, _count_most(longest), watch):
                if "notes" in answer:
                    break
                with _doubting(name):
                    found = read_frame(answer, pixels, longest)
                if found.name != frame:
                    raise _failed(name, late=False)
                yield turn_frame(found, turned)
            if found is None:
                raise _failed(name, late=False)


def read_sound(source: ByteSource, *, name: str, start: float, until: float, watch: Watch | None = None) -> Sound:
    """Return the sound between two times in seconds, brought to one channel; what cannot be read of it is silence.

    Raises UnsupportedVideo where there is none that is read, and what ``read_video_facts`` raises.
    """
    samples = np.zeros(max(0, round((until - start) * SOUND_RATE)), np.int16)
    asked = {"task": "sound", "start": start, "until": until}
    with _lend_decoder() as decoder:
        for answer, data in _converse(decoder, source, name, asked, None, watch):
            with _doubting(name):
                if "notes" in answer:
                    return Sound(start, samples)
                part = data.view(np.int16)
                place = round((float(answer["sound"]) - start) * SOUND_RATE)
                first, last = max(0, place), min(len(samples), place + len(part))
                if first < last:
                    samples[first:last] = part[first - place : last - place]
    raise _failed(name, late=False)


def _count_most(longest: int | None) -> int:
    return MAX_FRAME_PIXELS if longest is None else min(MAX_FRAME_PIXELS, longest * longest)


@contextmanager
def _lend_decoder() -> Iterator[Decoder]:
    """Give a process that has seen no other video, and end it."""
    if importlib.util.find_spec("av") is None:
        raise DependencyMissing(
            "video.extra-missing", "Videos need the package av: pip install 'semblance-faces[video]'."
        )
    if not _PLACES.acquire(timeout=WAIT):
        raise Busy("video.busy", "As many videos are being read as this node reads at once. Try again in a while.")
    try:
        decoder = Decoder("video_worker")
        try:
            yield decoder
        finally:
            decoder.end()
    finally:
        _PLACES.release()


def _converse(
    decoder: Decoder,
    source: ByteSource,
    name: str,
    header: Mapping[str, Any],
    most: int | None,
    watch: Watch | None = None,
    wanted: Wanted | None = None,
) -> Iterator[tuple[dict[str, Any], NDArray[np.uint8]]]:
    """Ask once, hand out the pieces of the source that are asked for, and give what is answered; raises its errors.

    ``most``: of how many pixels an answer may be, None where it is no picture, but bytes in a row.
    """
    try:
        decoder.tell({**header, "name": name, "size": source.size}, b"", seconds=SECONDS)
        end = time.monotonic() + SECONDS
        while True:
            left = max(0.0, end - time.monotonic())
            answer, pixels = _hear_row(decoder, left) if most is None else decoder.hear(most=most, seconds=left)
            if "read" in answer:
                decoder.tell({}, _read_piece(source, answer["read"], name), seconds=SECONDS)
                continue
            if "error" in answer:
                raise _make_error(answer, name)
            if "progress" not in answer:
                yield answer, pixels
                if wanted is not None:
                    decoder.tell({"from": wanted()}, b"", seconds=SECONDS)
            elif watch is not None:
                with _doubting(name):
                    reached = float(answer["progress"])
                watch(reached)
            # whoever looks at a frame may take as long as they like
            end = time.monotonic() + SECONDS
    except DecoderEnded as ended:
        raise _failed(name, late=ended.late) from ended


def _hear_row(decoder: Decoder, seconds: float) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    answer, data = decoder.hear_bytes(most=_LONGEST_ROW, seconds=seconds)
    return answer, np.frombuffer(data, np.uint8)


def _read_piece(source: ByteSource, place: object, name: str) -> bytes:
    with _doubting(name):
        offset, length = place if isinstance(place, list) else (None, None)
        if not (type(offset) is int and type(length) is int and 0 < length <= _LONGEST_READ):
            raise Unbelievable
        if not 0 <= offset <= source.size - length:
            raise Unbelievable
    data = source.read(offset, length)
    if len(data) != length:
        raise DamagedVideo(
            "video.bytes-missing",
            "{name} has fewer bytes than when it was taken in: verify the store, and take the file in again.",
            name=name,
        )
    return data


def _make_error(answer: Mapping[str, Any], name: str) -> SemblanceError:
    kind = _ERRORS.get(str(answer["error"]))
    message = read_said(answer.get("message"), _SUBJECTS)
    return _failed(name, late=False) if kind is None or message is None else kind(message)


@contextmanager
def _doubting(name: str) -> Iterator[None]:
    """Let an answer that cannot be meant cost this video."""
    try:
        yield
    except (Unbelievable, TypeError, ValueError, OverflowError) as error:
        raise _failed(name, late=False) from error


def _failed(name: str, *, late: bool) -> DecoderFailed:
    if late:
        return DecoderFailed(
            "video.decoding-too-long",
            "{name} took too long to decode, and was given up: convert a copy to H.264 at a smaller size, keep the "
            "original, and try again.",
            name=name,
        )
    return DecoderFailed(
        "video.decoder-failed",
        "{name} made its decoder fail; nothing else was harmed: convert a copy to H.264, keep the original, and try "
        "again.",
        name=name,
    )
