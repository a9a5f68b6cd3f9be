"""CenterFace (Xu et al., 2019, "CenterFace: Joint Face Detection and Alignment Using Face as Point")."""

from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from semblance.errors import ModelError
from semblance.faces.detection.detector import Detection, lay_canvas, select_detections
from semblance.faces.runtime import Session
from semblance.messages.message import Message

RECIPE: Final = "centerface/1"
_STRIDE: Final = 4
_INPUT: Final = "input.1"


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


class CenterFace:
    """Detector of the pack `embedded`."""

    def __init__(self, session: Session, *, threshold: float, overlap: float) -> None:
        self._session = session
        self._threshold = threshold
        self._overlap = overlap

    def detect(self, pixels: NDArray[np.uint8], *, longest: int) -> tuple[Detection, ...]:
        canvas = lay_canvas(pixels, longest=longest)
        tensor = canvas.pixels.transpose(2, 0, 1)[None].astype(np.float32)
        heat, size, offset, marks = self._session.run({_INPUT: tensor})
        rows, columns = np.nonzero(heat[0, 0] > self._threshold)
        scores = heat[0, 0, rows, columns]
        heights, widths = (np.exp(size[0][:, rows, columns]) * _STRIDE).astype(np.float32)
        shift_y, shift_x = offset[0][:, rows, columns]
        left = (columns + shift_x + 0.5) * _STRIDE - widths / 2
        top = (rows + shift_y + 0.5) * _STRIDE - heights / 2
        boxes = np.stack([left, top, left + widths, top + heights], axis=1).astype(np.float32)
        parts = marks[0][:, rows, columns].reshape(5, 2, -1)
        points = np.stack([parts[:, 1] * widths + left, parts[:, 0] * heights + top], axis=2).transpose(1, 0, 2)
        return select_detections(boxes, points.astype(np.float32), scores, scale=canvas.scale, overlap=self._overlap)
