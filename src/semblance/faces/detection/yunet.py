"""YuNet (Wu, Peng and Yu, 2023, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.detection.detector import Detection, lay_canvas, select_detections
from semblance.faces.runtime import Session, Tensor

_STRIDES: Final = (8, 16, 32)


class YuNet:
    """Detector of the pack `open`; anchor-free, one prior a cell at strides 8, 16 and 32."""

    def __init__(self, session: Session, *, threshold: float, overlap: float) -> None:
        self._session = session
        self._threshold = threshold
        self._overlap = overlap

    def detect(self, pixels: NDArray[np.uint8], *, longest: int) -> tuple[Detection, ...]:
        canvas = lay_canvas(pixels, longest=longest)
        columns_of_canvas = canvas.pixels.shape[1]
        bgr = canvas.pixels[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
        outputs = dict(
            zip(self._session.output_names, self._session.run({self._session.input_names[0]: bgr}), strict=True)
        )
        boxes: list[Tensor] = []
        points: list[Tensor] = []
        scores: list[Tensor] = []
        for stride in _STRIDES:
            sure = np.sqrt(
                np.clip(outputs[f"cls_{stride}"][0, :, 0], 0, 1) * np.clip(outputs[f"obj_{stride}"][0, :, 0], 0, 1)
            )
            kept = np.nonzero(sure > self._threshold)[0]
            if len(kept) == 0:
                continue
            rows, columns = np.divmod(kept, columns_of_canvas // stride)
            prior = np.stack([columns, rows], axis=1).astype(np.float32)
            raw = outputs[f"bbox_{stride}"][0][kept]
            centre = (prior + raw[:, :2]) * stride
            half = np.exp(raw[:, 2:]) * stride / 2
            boxes.append(np.concatenate([centre - half, centre + half], axis=1).astype(np.float32))
            marks = outputs[f"kps_{stride}"][0][kept].reshape(-1, 5, 2)
            points.append(((marks + prior[:, None, :]) * stride).astype(np.float32))
            scores.append(sure[kept].astype(np.float32))
        if not boxes:
            return ()
        return select_detections(
            np.concatenate(boxes),
            np.concatenate(points),
            np.concatenate(scores),
            scale=canvas.scale,
            overlap=self._overlap,
        )
