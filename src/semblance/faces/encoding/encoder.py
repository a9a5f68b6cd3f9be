"""Encodes an aligned chip and its mirror image into one template."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.faces.alignment.aligner import Chip
from semblance.faces.runtime import Session, Tensor
from semblance.terms.samples import Metric


@dataclass(frozen=True, slots=True)
class InputLayout:
    """How an encoder wants its pixels.

    ``channels``: "rgb" or "bgr"; a value v of channel c enters as (v - mean[c]) * scale[c], ``mean`` and ``scale`` in
    the encoder's own channel order.
    """

    channels: str
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What the encoder says of one face.

    ``values``: float32 (dimension,), of unit length for cosine. ``norm``: length of the sum before it was brought to
    unit length, halved: low for faces in which the encoder finds little to hold on to. ``agreement``: cosine between
    the chip's features and its mirror image's, -1 to 1.
    """

    values: Tensor
    norm: float
    agreement: float


class Encoder:
    """Runs the encoder of a pack; thread-safe."""

    def __init__(self, session: Session, layout: InputLayout, *, dimension: int, metric: Metric) -> None:
        self._session = session
        self._layout = layout
        self._mean = np.array(layout.mean, dtype=np.float32)
        self._scale = np.array(layout.scale, dtype=np.float32)
        self._dimension = dimension
        self._metric = metric

    def encode(self, chip: Chip) -> Features:
        """Encode the chip and its mirror image; their features are added before normalisation.

        The two are separate runs of one chip each, so that the result cannot depend on how a runtime splits a batch.
        """
        first = self._run(chip.pixels)
        second = self._run(chip.mirror())
        total = first + second
        lengths = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
        norm = float(np.linalg.norm(total)) / 2
        if self._metric is Metric.EUCLIDEAN:
            values = total / np.float32(2)
        else:
            values = total / np.float32(2 * norm if norm > 0 else 1.0)
        agreement = float(first @ second) / lengths if lengths > 0 else 0.0
        return Features(values.astype(np.float32), norm, agreement)

    def _run(self, pixels: NDArray[np.uint8]) -> Tensor:
        ordered = pixels if self._layout.channels == "rgb" else pixels[:, :, ::-1]
        scaled = (ordered.astype(np.float32) - self._mean) * self._scale
        tensor = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])
        output = self._session.run({self._session.input_names[0]: tensor})[0]
        return output.reshape(self._dimension).astype(np.float32)
