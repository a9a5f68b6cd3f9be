"""Head pose by FSA-Net, for packs that bring it.

Yang et al., 2019, "FSA-Net: Learning Fine-Grained Structure Aggregation for Head Pose Estimation From a Single Image".
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.alignment.similarity import warp
from semblance.faces.detection.detector import Detection
from semblance.faces.quality.pose import HeadPose
from semblance.faces.runtime import Session

_SIZE: Final = 64
_MARGIN: Final = 1.2
"""Side of the square that the network sees, as a multiple of the face's box; measured on labelled photos."""


class FsaNet:
    """Averages one or more FSA-Net variants; thread-safe.

    Each network: float32 (1, 3, 64, 64), BGR, (value - 127.5) / 128, to float32 (1, 3): yaw, pitch, roll in degrees.
    """

    def __init__(self, sessions: Sequence[Session]) -> None:
        self._sessions = tuple(sessions)

    def estimate(self, pixels: NDArray[np.uint8], face: Detection) -> HeadPose:
        """Estimate the pose of a face; the network's yaw has the opposite sign of HeadPose's."""
        scale = _SIZE / (max(face.box.width, face.box.height, 1.0) * _MARGIN)
        centre, half = face.box.centre, _SIZE / 2
        matrix = np.array([[scale, 0, half - scale * centre.x], [0, scale, half - scale * centre.y]])
        bgr = warp(pixels, matrix, _SIZE)[:, :, ::-1].astype(np.float32)
        tensor = np.ascontiguousarray(((bgr - np.float32(127.5)) / np.float32(128)).transpose(2, 0, 1)[None])
        answers = [session.run({session.input_names[0]: tensor})[0].reshape(3) for session in self._sessions]
        yaw, pitch, roll = np.stack(answers).astype(np.float64).mean(axis=0).tolist()
        return HeadPose(-yaw, pitch, roll)
