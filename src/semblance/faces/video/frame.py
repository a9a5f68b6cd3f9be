"""One frame of a video, as it is looked at."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.terms.frames import FrameName
from semblance.terms.samples import QuarterTurn

MAX_FRAME_PIXELS: Final = 36_000_000
"""Width times height of the largest picture that is decoded: 8K, 7 680 x 4 320, fits."""


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """The frame's name and its pixels.

    ``pixels``: uint8, shape (height, width, 3), RGB in sRGB, upright, square pixels, read-only; smaller than the frame
    that ``name`` names where a smaller version was asked for. ``seconds``: when it is shown, from the beginning that
    the file states; negative before it.
    """

    name: FrameName
    seconds: float
    pixels: NDArray[np.uint8]


def turn_frame(frame: VideoFrame, degrees: QuarterTurn) -> VideoFrame:
    """Return the frame turned clockwise, as a person asks for where the file is wrong about it; it keeps its name."""
    if not degrees:
        return frame
    pixels = np.ascontiguousarray(np.rot90(frame.pixels, -(degrees // 90)))
    pixels.flags.writeable = False
    return replace(frame, pixels=pixels)
