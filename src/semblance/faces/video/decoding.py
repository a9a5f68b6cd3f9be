"""Decoded pictures of a stream in the order in which they are shown, whatever state the file is in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import av
from av.video.frame import VideoFrame as Picture

from semblance.faces.video.containers import VideoContainer
from semblance.faces.video.opening import OpenedVideo
from semblance.messages.message import Message

MOST_SECONDS: Final = 24 * 3600
"""Of one video; what comes later is not read."""
_MOST_BREAKS: Final = 8
"""Reading is tried again after so many errors in a row."""
_AS_CLAIMED: Final = 0.5
"""Seconds by which a video may be shorter or longer than it says, as sound may be; 2 % of a long one."""


@dataclass(slots=True)
class Found:
    """What came to light while pictures were decoded."""

    pictures: int = 0
    damaged: int = 0
    first_damage: float | None = None
    breaks: int = 0
    untimed: int = 0
    jumps: int = 0
    last: float | None = None
    too_long: bool = False
    ended: bool = False
    sizes: set[tuple[int, int]] = field(default_factory=set)

    def list_notes(self, claimed: float | None) -> tuple[Message, ...]:
        """Return what is to be said of it, beside what the file claims to last in seconds."""
        notes = []
        if self.damaged:
            notes.append(
                Message(
                    "video.pictures-damaged",
                    "damaged or unreadable pictures: {n} of {all}, the first at {seconds:.2f} s; what is shown of them "
                    "is partly guessed",
                    n=self.damaged,
                    all=max(self.pictures, self.damaged),
                    seconds=self.first_damage or 0.0,
                )
            )
        if self.breaks:
            notes.append(
                Message("video.breaks-off", "breaks in reading: {n}; what lay there is missing", n=self.breaks)
            )
        if self.untimed:
            notes.append(
                Message(
                    "video.times-missing",
                    "pictures without a time of their own: {n}; it was counted on from those before",
                    n=self.untimed,
                )
            )
        if self.jumps:
            notes.append(
                Message(
                    "video.times-jump", "times that go back: {n}; pictures are in the order of the file", n=self.jumps
                )
            )
        if len(self.sizes) > 1:
            notes.append(
                Message("video.size-changes", "pictures come in {n} sizes; each keeps its own", n=len(self.sizes))
            )
        if self.too_long:
            notes.append(Message("video.too-long", "only the first {hours} hours are read", hours=MOST_SECONDS // 3600))
        elif self.ended and claimed is not None and self.last is not None:
            notes.extend(_compare_length(self.last, claimed))
        return tuple(notes)


def decode_pictures(video: OpenedVideo, found: Found) -> Iterator[Picture]:
    """Give pictures from where the container stands, each with a time of presentation; errors cost what they hit."""
    clock = _Clock(video, found)
    for packet in _read_packets(video, found):
        with av.logging.Capture(local=True) as said:
            try:
                # bytes that stand in the packet after the end of the file are none of its pictures
                pictures = packet.decode() if packet is not None else video.stream.decode(None)
            except EOFError:
                pictures = []
            except (av.FFmpegError, ValueError) as error:
                if isinstance(error, MemoryError):
                    raise
                pictures = []
                found.damaged += 1
                clock.mark_damage()
            else:
                if pictures and (said or any(picture.is_corrupt for picture in pictures)):
                    found.damaged += 1
                    clock.mark_damage()
        for picture in pictures:
            if clock.set_time(picture) > MOST_SECONDS:
                found.too_long = True
                return
            found.pictures += 1
            found.sizes.add((picture.width, picture.height))
            yield picture
    found.ended = True


def _read_packets(video: OpenedVideo, found: Found) -> "Iterator[av.Packet[av.VideoStream] | None]":
    for _ in range(_MOST_BREAKS):
        try:
            yield from video.container.demux(video.stream)
        except (av.FFmpegError, ValueError) as error:
            if isinstance(error, MemoryError):
                raise
            found.breaks += 1
        else:
            return
    yield None


class _Clock:
    """Sets a time for each picture, and sees whether times are missing or go back."""

    def __init__(self, video: OpenedVideo, found: Found) -> None:
        assert video.stream.time_base is not None
        self._base, self._found = video.stream.time_base, found
        rate = video.stream.average_rate or video.stream.guessed_rate or Fraction(25)
        self._step = max(1, round(1 / (rate * self._base))) if rate > 0 else 1
        # AVI writes when a picture is decoded, which is not in the order of showing where others lean on later ones
        self._counts = video.format is VideoContainer.AVI and bool(video.stream.codec_context.has_b_frames)
        self._last: int | None = None

    def set_time(self, picture: Picture) -> float:
        """Give the picture its time, where it has none the next one in turn; return it in seconds."""
        pts = picture.pts
        if pts is None:
            pts = 0 if self._last is None else self._last + self._step
            self._found.untimed += 1
        elif self._counts and self._last is not None:
            pts = max(pts, self._last + self._step) if picture.key_frame else self._last + self._step
        if self._last is not None and pts < self._last:
            self._found.jumps += 1
        self._last = picture.pts = pts
        picture.time_base = self._base
        seconds = float(pts * self._base)
        self._found.last = seconds if self._found.last is None else max(seconds, self._found.last)
        return seconds

    def mark_damage(self) -> None:
        if self._found.first_damage is None:
            self._found.first_damage = 0.0 if self._last is None else float(self._last * self._base)


def _compare_length(last: float, claimed: float) -> list[Message]:
    if last < claimed - max(_AS_CLAIMED, claimed / 50):
        return [
            Message(
                "video.ends-early",
                "the last picture is at {last:.1f} s, though the file says that it lasts {claimed:.1f} s: the rest is "
                "missing, or the file is wrong about it",
                last=last,
                claimed=claimed,
            )
        ]
    if last > claimed + max(_AS_CLAIMED, claimed / 50):
        return [
            Message(
                "video.runs-longer",
                "the last picture is at {last:.1f} s, though the file says that it lasts {claimed:.1f} s",
                last=last,
                claimed=claimed,
            )
        ]
    return []
