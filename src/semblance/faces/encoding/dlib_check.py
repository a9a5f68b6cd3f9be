"""Holds the rebuilt encoder against dlib's own, on the same chips: the same numbers, and how much faster."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from semblance.faces.alignment.aligner import Chip
from semblance.faces.encoding.dlib_resnet import MEAN_RGB, SCALE
from semblance.faces.runtime import Session


@dataclass(frozen=True, slots=True)
class EncoderComparison:
    """``largest_difference`` over all numbers of all chips; the seconds are medians a chip, one thread each."""

    chips: int
    largest_difference: float
    dlib_seconds: float
    rebuilt_seconds: float


def compare_with_dlib(weights: Path, session: Session, chips: Sequence[Chip]) -> EncoderComparison:
    """Encode every chip both ways, one after the other.

    ``weights``: dlib's ``.dat`` file; ``session``: the rebuilt network, on one thread as dlib is.
    """
    import dlib

    library: Any = dlib
    network = library.face_recognition_model_v1(str(weights))
    mean = np.array(MEAN_RGB, dtype=np.float32)
    largest, theirs, ours = 0.0, [], []
    for chip in chips:
        pixels = np.ascontiguousarray(chip.pixels)
        started = time.perf_counter()
        expected = np.asarray(network.compute_face_descriptor(pixels), dtype=np.float64)
        theirs.append(time.perf_counter() - started)
        started = time.perf_counter()
        tensor = ((pixels.astype(np.float32) - mean) * np.float32(SCALE)).transpose(2, 0, 1)[None]
        got = session.run({session.input_names[0]: np.ascontiguousarray(tensor)})[0][0]
        ours.append(time.perf_counter() - started)
        largest = max(largest, float(np.abs(got.astype(np.float64) - expected).max()))
    return EncoderComparison(len(chips), largest, statistics.median(theirs), statistics.median(ours))
