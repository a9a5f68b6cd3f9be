"""The networks that detect faces: CenterFace, YuNet, and those whose graph does its own decoding."""

from abc import ABC, abstractmethod
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from semblance.errors import ModelError
from semblance.faces.detection.detector import Detection, lay_canvas, select_detections
from semblance.faces.runtime import Session, Tensor
from semblance.messages.message import Message

_STRIDE: Final = 4
_INPUT: Final = "input.1"
_STRIDES: Final = (8, 16, 32)
_COLUMNS: Final = 15


def prepare_centerface(data: bytes) -> bytes:
    """Rewrite the published file: free batch, height and width, and weights as constants instead of inputs.

    As published its input is fixed at 10 x 3 x 32 x 32 and its weights are graph inputs, so that onnxruntime can fold
    nothing. The arithmetic stays the same. Raises ModelError where the bytes are not that network.
    """
    unknown = Message(
        "operator.models.centerface-unknown",
        "The CenterFace file is not the network that Semblance knows. Give the pack the published file.",
    )
    try:
        model = onnx.load_from_string(data)
    except Exception as error:
        raise ModelError(unknown) from error
    if [value.name for value in model.graph.input].count(_INPUT) != 1 or not model.graph.initializer:
        raise ModelError(unknown)
    used = {name for node in model.graph.node for name in node.input}
    constants = [value for value in model.graph.initializer if value.name in used]
    rewritten = helper.make_model(
        helper.make_graph(
            list(model.graph.node),
            "centerface",
            [helper.make_tensor_value_info(_INPUT, onnx.TensorProto.FLOAT, ["n", 3, "height", "width"])],
            [
                helper.make_tensor_value_info(value.name, onnx.TensorProto.FLOAT, ["n", channels, "rows", "columns"])
                for value, channels in zip(model.graph.output, (1, 2, 2, 10), strict=True)
            ],
            constants,
        ),
        producer_name="semblance",
        opset_imports=list(model.opset_import),
        ir_version=8,
    )
    return bytes(rewritten.SerializeToString())


class NetworkDetector(ABC):
    """A detector that lays a photo on a canvas, and reads faces out of what its network answers."""

    def __init__(self, session: Session, *, threshold: float, overlap: float) -> None:
        self._session = session
        self._threshold = threshold
        self._overlap = overlap

    def detect(self, pixels: NDArray[np.uint8], *, longest: int) -> tuple[Detection, ...]:
        canvas = lay_canvas(pixels, longest=longest)
        boxes, points, scores = self._find(canvas.pixels)
        return select_detections(boxes, points, scores, scale=canvas.scale, overlap=self._overlap)

    @abstractmethod
    def _find(self, canvas: NDArray[np.uint8]) -> tuple[Tensor, Tensor, Tensor]:
        """Return boxes, points and scores of what is over the threshold, as select_detections takes them."""


class CenterFace(NetworkDetector):
    """Detector of the pack `embedded`: Xu et al., 2019, "Joint Face Detection and Alignment Using Face as Point"."""

    def _find(self, canvas: NDArray[np.uint8]) -> tuple[Tensor, Tensor, Tensor]:
        tensor = canvas.transpose(2, 0, 1)[None].astype(np.float32)
        heat, size, offset, marks = self._session.run({_INPUT: tensor})
        rows, columns = np.nonzero(heat[0, 0] > self._threshold)
        heights, widths = (np.exp(size[0][:, rows, columns]) * _STRIDE).astype(np.float32)
        shift_y, shift_x = offset[0][:, rows, columns]
        left = (columns + shift_x + 0.5) * _STRIDE - widths / 2
        top = (rows + shift_y + 0.5) * _STRIDE - heights / 2
        boxes = np.stack([left, top, left + widths, top + heights], axis=1).astype(np.float32)
        parts = marks[0][:, rows, columns].reshape(5, 2, -1)
        points = np.stack([parts[:, 1] * widths + left, parts[:, 0] * heights + top], axis=2).transpose(1, 0, 2)
        return boxes, points.astype(np.float32), heat[0, 0, rows, columns]


class YuNet(NetworkDetector):
    """Detector of the pack `open`; anchor-free, one prior a cell at strides 8, 16 and 32.

    Wu, Peng and Yu, 2023, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20.
    """

    def _find(self, canvas: NDArray[np.uint8]) -> tuple[Tensor, Tensor, Tensor]:
        bgr = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
        answers = self._session.run({self._session.input_names[0]: bgr})
        outputs = dict(zip(self._session.output_names, answers, strict=True))
        boxes, points, scores = [], [], []
        for stride in _STRIDES:
            face, objectness = outputs[f"cls_{stride}"][0, :, 0], outputs[f"obj_{stride}"][0, :, 0]
            sure = np.sqrt(np.clip(face, 0, 1) * np.clip(objectness, 0, 1))
            kept = np.nonzero(sure > self._threshold)[0]
            rows, columns = np.divmod(kept, canvas.shape[1] // stride)
            prior = np.stack([columns, rows], axis=1).astype(np.float32)
            raw = outputs[f"bbox_{stride}"][0][kept]
            centre = (prior + raw[:, :2]) * stride
            half = np.exp(raw[:, 2:]) * stride / 2
            boxes.append(np.concatenate([centre - half, centre + half], axis=1).astype(np.float32))
            marks = outputs[f"kps_{stride}"][0][kept].reshape(-1, 5, 2)
            points.append(((marks + prior[:, None, :]) * stride).astype(np.float32))
            scores.append(sure[kept].astype(np.float32))
        return np.concatenate(boxes), np.concatenate(points), np.concatenate(scores)


class RowsDetector(NetworkDetector):
    """Reads rows of left, top, right, bottom, score and five x, y pairs, in pixels of the input.

    For packs that an operator brings: the graph does its own decoding. Its one input: float32 (1, 3, height, width),
    RGB, 0 to 255, sides multiples of 32. Its one output: float32 (n, 15) or (1, n, 15); landmarks in the order left
    eye, right eye, nose, left and right mouth corner as they appear.
    """

    def _find(self, canvas: NDArray[np.uint8]) -> tuple[Tensor, Tensor, Tensor]:
        tensor = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None].astype(np.float32))
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
        return rows[:, :4], rows[:, 5:].reshape(-1, 5, 2), rows[:, 4]
