"""Frames of a video: all of them or every so many seconds, and one that is asked for by its name."""

import hashlib
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from math import floor
from typing import IO, Final

import av
import numpy as np
from av.video.frame import VideoFrame as Picture
from numpy.typing import NDArray

from semblance.errors import FrameDisputed
from semblance.faces.video.decoding import Found, decode_pictures
from semblance.faces.video.facts import find_first, find_length, make_renderer
from semblance.faces.video.opening import open_video
from semblance.faces.video.rendering import Renderer
from semblance.messages.message import Message
from semblance.terms.frames import FrameName
from semblance.terms.ids import Sha256

_SPARSE: Final = 10.0
"""Seconds between two frames from which on what lies between them is passed over and not decoded."""
_BACK: Final = (0.0, 10.0, 60.0, None)
"""Seconds before a frame from where it is decoded; further back where it comes out differently, as some encoders make
frames that lean on what lies before the last point of entry; at last all of a short video, whose times may jump."""
_LEADS: Final = (0.0, 1.0, 10.0, 60.0)
_BEHIND: Final = 1.0
"""Seconds for which a frame is looked for behind its place."""
_ROUNDING: Final = 1e-6
_AHEAD: Final = 6
_AHEAD_PIXELS: Final = 12_000_000
"""So many pictures, of so many pixels together, are decoded while somebody looks at a frame."""
_SEARCHED: Final = 600.0
"""Seconds of a video that is short."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames: all (``every`` is None) or one every so many seconds, between two times in seconds."""

    every: float | None = None
    start: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ReadFrame:
    """A picture with its pixels in full size, or, of one that nobody asked for, without."""

    picture: Picture
    pixels: NDArray[np.uint8] | None

    @property
    def seconds(self) -> float:
        return _tell_seconds(self.picture)


class FrameReader:
    """Reads one video; ``notes`` say what was found, and are whole when reading has ended."""

    def __init__(self, file: IO[bytes], name: str, stream: int | None = None) -> None:
        """Open it; raises UnsupportedVideo and DamagedVideo."""
        self._file, self._name, self._wanted = file, name, stream
        self._video = open_video(file, name, stream)
        self._found = Found()
        self._renderer: Renderer | None = None

    @property
    def stream(self) -> int:
        return self._video.stream.index

    @property
    def notes(self) -> tuple[Message, ...]:
        rendered = () if self._renderer is None else self._renderer.notes.values()
        return (*self._video.notes, *rendered, *self._found.list_notes(find_length(self._video)))

    def read(self, sampling: Sampling) -> Iterator[ReadFrame]:
        """Give the frames that were asked for, and between them, without pixels, how far reading has come.

        Raises DamagedVideo where there is not one picture in the whole video, and VideoTooLarge.
        """
        reached = None
        pictures = decode_pictures(self._video, self._found) if sampling.start is None else self._enter(sampling.start)
        due, sparse = sampling.start, sampling.every is not None and sampling.every >= _SPARSE
        while True:
            last = None
            for picture, before, after in _with_neighbours(pictures):
                seconds = _tell_seconds(picture)
                if last is None and reached is not None and seconds < reached - _SPARSE:
                    # a file without an index is passed over from its beginning again and again
                    sparse = False
                if due is not None and last is not None and seconds < last:
                    due = max(seconds, sampling.start or seconds)
                last = seconds
                if sampling.until is not None and seconds > sampling.until:
                    return
                if due is not None and seconds < due - _ROUNDING:
                    yield ReadFrame(picture, None)
                    continue
                yield ReadFrame(picture, self._render(picture, before, after))
                if sampling.every is not None:
                    due, reached = _choose_next(seconds if due is None else due, sampling.every, seconds), seconds
                    if sparse:
                        break
            else:
                break
            assert due is not None
            pictures = self._enter(due)
        if not self._found.pictures:
            find_first(self._video, self._found)

    def read_wanted(self, start: float | None, ask: Callable[[], float | None]) -> Iterator[ReadFrame]:
        """Give a frame, then ask from when on the next one is wanted, None for the very next, and so on.

        Some pictures are decoded ahead before ``ask``, which may take as long as somebody looks at a frame. Where times
        jump back the next frame is given, whatever was wanted. Raises what ``read`` raises.
        """
        pictures = decode_pictures(self._video, self._found) if start is None else self._enter(start)
        ahead = _with_neighbours(pictures)
        waiting: deque[tuple[Picture, Picture | None, Picture | None]] = deque()
        due, last = start, -math.inf
        while waiting or (following := next(ahead, None)) is not None:
            if not waiting:
                assert following is not None
                waiting.append(following)
            picture, before, after = waiting.popleft()
            seconds = _tell_seconds(picture)
            if seconds < last:
                due = start
            last = seconds
            if due is not None and seconds < due - _ROUNDING:
                yield ReadFrame(picture, None)
                continue
            yield ReadFrame(picture, self._render(picture, before, after))
            room = max(1, min(_AHEAD, _AHEAD_PIXELS // (picture.width * picture.height))) - len(waiting)
            waiting.extend(islice(ahead, max(0, room)))
            due = ask()
        if not self._found.pictures:
            find_first(self._video, self._found)

    def find(self, name: FrameName) -> Iterator[ReadFrame]:
        """Give the frame of that name, and before it, without pixels, what is decoded on the way.

        Raises FrameDisputed where it is not there, or shows something else.
        """
        differs = False
        if name.stream == self.stream and name.time_base == self._video.stream.time_base:
            for back in _BACK:
                if back is not None:
                    self._seek(name.seconds - back)
                elif (find_length(self._video) or 0.0) <= _SEARCHED:
                    self._reopen()
                else:
                    break
                for picture, before, after in _with_neighbours(decode_pictures(self._video, self._found)):
                    yield ReadFrame(picture, None)
                    if picture.pts == name.pts:
                        pixels = self._render(picture, before, after)
                        if digest_pixels(pixels) == name.sha256:
                            yield ReadFrame(picture, pixels)
                            return
                        differs = True
                    elif back is not None and _tell_seconds(picture) > name.seconds + _BEHIND:
                        break
        if differs:
            raise FrameDisputed(
                "video.frame-differs",
                "{name} shows something else at {seconds:.3f} s than the frame that was named: the video or the name "
                "was changed, or it was read by another version. Compare the digests of the files.",
                name=self._name,
                seconds=name.seconds,
            )
        raise FrameDisputed(
            "video.frame-missing",
            "{name} has no frame at {seconds:.3f} s in stream {stream}: it is another video, or it was changed. "
            "Compare the digests of the files.",
            name=self._name,
            seconds=name.seconds,
            stream=name.stream,
        )

    def _render(self, picture: Picture, before: Picture | None, after: Picture | None) -> NDArray[np.uint8]:
        if self._renderer is None:
            self._renderer = make_renderer(self._video)
        return self._renderer.render(picture, before, after)

    def _enter(self, seconds: float) -> Iterator[Picture]:
        """Give pictures from that time or before it on, from as near as all of them can be decoded."""
        pictures: Iterator[Picture] = iter(())
        first: Picture | None = None
        for lead in _LEADS:
            self._seek(seconds - lead)
            pictures = decode_pictures(self._video, self._found)
            first = next(pictures, None)
            # the first ones behind a point of entry are left out where they lean on what lies before it
            if first is not None and _tell_seconds(first) <= seconds:
                break
        return pictures if first is None else chain((first,), pictures)

    def _seek(self, seconds: float) -> None:
        """Go to the last point of entry before that time, or to the beginning where there is none.

        One tick earlier than asked for, so that a picture has the one before it as its neighbour.
        """
        stream = self._video.stream
        assert stream.time_base is not None
        try:
            self._video.container.seek(floor(seconds / stream.time_base) - 1, stream=stream)
        except (av.FFmpegError, ValueError, OverflowError):
            self._reopen()

    def _reopen(self) -> None:
        self._video.close()
        self._video = open_video(self._file, self._name, self._wanted)


def digest_pixels(pixels: NDArray[np.uint8]) -> Sha256:
    """Return the digest that a frame's name holds, of pixels in full size."""
    return Sha256(hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest())


def _choose_next(due: float, every: float, seconds: float) -> float:
    """Return the next time of the grid behind what was just given."""
    return due + every * (floor((seconds - due) / every + _ROUNDING) + 1)


def _tell_seconds(picture: Picture) -> float:
    assert picture.pts is not None
    assert picture.time_base is not None
    return float(picture.pts * picture.time_base)


def _with_neighbours(pictures: Iterator[Picture]) -> Iterator[tuple[Picture, Picture | None, Picture | None]]:
    """Give each picture with the one before and the one behind it."""
    before, now = None, next(pictures, None)
    while now is not None:
        after = next(pictures, None)
        yield now, before, after
        before, now = now, after
