"""Encodes an aligned chip and its mirror image into one template."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.faces.runtime import Session, Tensor
from semblance.terms.samples import Metric

Triple = tuple[float, float, float]


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
    """Runs the encoder of a pack; thread-safe.

    ``channels``: "rgb" or "bgr"; a value v of channel c enters as (v - mean[c]) * scale[c], ``mean`` and ``scale`` in
    the encoder's own channel order.
    """

    def __init__(
        self, session: Session, *, channels: str, mean: Triple, scale: Triple, dimension: int, metric: Metric
    ) -> None:
        self._session, self._channels = session, channels
        self._mean, self._scale = np.array(mean, dtype=np.float32), np.array(scale, dtype=np.float32)
        self._dimension, self._metric = dimension, metric

    def encode(self, chip: NDArray[np.uint8]) -> Features:
        """Encode the chip and its mirror image; their features are added before normalisation.

        The two are separate runs of one chip each, so that the result cannot depend on how a runtime splits a batch.
        """
        first = self._run(chip)
        second = self._run(chip[:, ::-1])
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
        ordered = pixels if self._channels == "rgb" else pixels[:, :, ::-1]
        scaled = (ordered.astype(np.float32) - self._mean) * self._scale
        tensor = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])
        output = self._session.run({self._session.input_names[0]: tensor})[0]
        return output.reshape(self._dimension).astype(np.float32)
