"""Sound of a part of a video, as samples."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SOUND_RATE: Final = 48_000
"""Samples a second; whatever is read is brought to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """``samples``: int16, one channel, ``SOUND_RATE`` a second, the first at ``start`` in seconds of the video.

    What is missing or cannot be read between them is silence.
    """

    start: float
    samples: NDArray[np.int16]
