"""Where a scene ends: what stands in one place before and after it need not be the same face."""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.errors import DependencyMissing

_WIDTH: Final = 160
"""Pixels to which a frame is reduced; a cut changes all of it."""


class CutFinder:
    """Compares each frame that is looked at with the one before: PySceneDetect's content detector on small frames."""

    def __init__(self) -> None:
        try:
            from scenedetect.common import FrameTimecode
            from scenedetect.detectors import ContentDetector
        except ImportError as error:
            raise DependencyMissing(
                "operator.tracking.no-scenedetect",
                "Following faces in videos needs PySceneDetect: pip install 'semblance-faces[video]'.",
            ) from error
        self._make_detector, self._make_time = ContentDetector, FrameTimecode
        self._detector: Any = None
        self._size: tuple[int, ...] = ()
        self._count = 0

    def look(self, pixels: NDArray[np.uint8]) -> bool:
        """Return whether a scene ends between the last frame and this one; a change of size ends it, too."""
        resized = bool(self._size) and pixels.shape != self._size
        if pixels.shape != self._size:
            self._size, self._detector = pixels.shape, self._make_detector(min_scene_len=0)
        height = max(1, round(pixels.shape[0] * _WIDTH / pixels.shape[1]))
        small = cv2.resize(pixels, (_WIDTH, min(height, 4 * _WIDTH)), interpolation=cv2.INTER_AREA)
        self._count += 1
        found = self._detector.process_frame(self._make_time(self._count, fps=25.0), small[:, :, ::-1])
        return resized or bool(found)
