"""What a video is, and how one of its frames is named, so that anybody finds the same frame again."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from semblance.messages.message import Message
from semblance.terms.ids import Sha256
from semblance.terms.samples import QuarterTurn

_FORM: Final = re.compile(r"(\d{1,4})@(-?\d{1,19})x(\d{1,10})/(\d{1,10})#([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class FrameName:
    """One frame of a video: its stream, when it is shown, and what it shows.

    ``pts`` is the time of presentation, in units of ``time_base`` seconds, as the file writes it; it may be negative.
    ``sha256`` is that of the upright RGB pixels in full size, row by row.
    """

    stream: int
    pts: int
    time_base: Fraction
    sha256: Sha256

    @property
    def seconds(self) -> float:
        return float(self.pts * self.time_base)

    def __str__(self) -> str:
        base = self.time_base
        return f"{self.stream}@{self.pts}x{base.numerator}/{base.denominator}#{self.sha256}"


def read_frame_name(text: str) -> FrameName | None:
    """Return the frame that ``str(name)`` wrote, None where the text is no name of a frame."""
    found = _FORM.fullmatch(text)
    if found is None or not int(found[3]) or not int(found[4]):
        return None
    return FrameName(int(found[1]), int(found[2]), _make_base(int(found[3]), int(found[4])), Sha256(found[5]))


@lru_cache(maxsize=64)
def _make_base(numerator: int, denominator: int) -> Fraction:
    # the frames of a video have one between them, and to reduce it anew takes longer than all the rest
    return Fraction(numerator, denominator)


def require_frame_name(text: str) -> FrameName:
    """Return the frame that ``str(name)`` wrote; raises ValueError where the text is no name of a frame."""
    name = read_frame_name(text)
    if name is None:
        raise ValueError(f"{text!r} is no name of a frame")
    return name


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """One stream of a file; ``kind`` is ``video``, ``audio``, ``subtitle``, ``attachment`` or ``data``."""

    index: int
    kind: str
    codec: str


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video without decoding all of it.

    ``stream`` is the index of the video stream that is read, one of ``streams``. ``width`` and ``height`` are those of
    its frames as they are given: upright, with square pixels. ``rotation`` is the turn, clockwise, that the file asks
    for and that is done. ``seconds`` and ``frame_rate`` (frames a second) are what the file claims, None where it
    claims nothing of use; a video that changes its rate is ``variable``. ``transfer`` is how brightness was encoded
    where it is high dynamic range; frames are given in standard range. ``notes`` say what was assumed, what is amiss,
    and what cannot be read.
    """

    sha256: Sha256 | None
    size: int
    container: str
    codec: str
    stream: int
    streams: tuple[StreamFacts, ...]
    seconds: float | None
    width: int
    height: int
    rotation: QuarterTurn
    frame_rate: float | Literal["variable"] | None
    transfer: Literal["PQ", "HLG"] | None = None
    interlaced: bool = False
    notes: tuple[Message, ...] = ()
