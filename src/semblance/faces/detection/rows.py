"""A detector whose graph does its own decoding: one row a face. For packs that an operator brings."""

import numpy as np
from numpy.typing import NDArray

from semblance.errors import ModelError
from semblance.faces.detection.detector import Detection, lay_canvas, select_detections
from semblance.faces.runtime import Session

_COLUMNS = 15


class RowsDetector:
    """Reads rows of left, top, right, bottom, score and five x, y pairs, in pixels of the input.

    The graph's one input: float32 (1, 3, height, width), RGB, 0 to 255, sides multiples of 32. Its one output: float32
    (n, 15) or (1, n, 15); landmarks in the order left eye, right eye, nose, left and right mouth corner as they appear.
    """

    def __init__(self, session: Session, *, threshold: float, overlap: float) -> None:
        self._session = session
        self._threshold = threshold
        self._overlap = overlap

    def detect(self, pixels: NDArray[np.uint8], *, longest: int) -> tuple[Detection, ...]:
        canvas = lay_canvas(pixels, longest=longest)
        tensor = np.ascontiguousarray(canvas.pixels.transpose(2, 0, 1)[None].astype(np.float32))
        rows = self._session.run({self._session.input_names[0]: tensor})[0]
        if rows.shape[-1] != _COLUMNS:
            raise ModelError(
                "models.detector-rows",
                'The detector answers rows of {shape} numbers; kind "rows" needs {columns}. docs/models.md says which.',
                shape=rows.shape[-1],
                columns=_COLUMNS,
            )
        rows = rows.reshape(-1, _COLUMNS)
        rows = rows[rows[:, 4] > self._threshold]
        return select_detections(
            rows[:, :4], rows[:, 5:].reshape(-1, 5, 2), rows[:, 4], scale=canvas.scale, overlap=self._overlap
        )
