"""Rebuilds dlib's face recognition ResNet as an ONNX graph, which computes the same numbers many times faster.

Where a block halves the size, dlib puts an unpadded stride-2 convolution beside a 2x2 average pool; the two then differ
in channels and may differ in size, and the smaller one is padded with zeros before the sum.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from semblance.faces.encoding.dlib_weights import Convolution, ResNetWeights, read_weights

CHIP_SIZE: Final = 150
MEAN_RGB: Final = (122.782, 117.001, 104.298)
SCALE: Final = 1 / 256
DIMENSION: Final = 128
RECIPE: Final = "dlib-resnet/1"
"""Named in the cached file's name; a change in how the graph is built changes it."""

_STAGES: Final = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
_OPSET: Final = 17
_IR_VERSION: Final = 8


@dataclass
class _Graph:
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def convolve(self, value: str, layer: Convolution, *, stride: int, pad: int) -> str:
        return self.add(
            "Conv",
            value,
            self.constant(layer.weights),
            self.constant(layer.bias),
            kernel_shape=list(layer.weights.shape[2:]),
            strides=[stride, stride],
            pads=[pad] * 4,
        )

    def pad_to(self, value: str, *, channels: int, size: int) -> str:
        """Append zero channels, and zero rows and columns below and to the right."""
        pads = np.array([0, 0, 0, 0, 0, channels, size, size], dtype=np.int64)
        return self.add("Pad", value, self.constant(pads), mode="constant")


def build_dlib_encoder(data: bytes) -> bytes:
    """Turn the bytes of dlib's ``.dat`` file into the bytes of an ONNX file.

    Input ``chips``: float32 (n, 3, 150, 150), RGB, (value - MEAN_RGB) * SCALE. Output ``features``: float32 (n, 128),
    not normalised, as dlib returns them. Raises ModelError where the bytes are not that network.
    """
    return bytes(_assemble(read_weights(data)).SerializeToString())


def _assemble(weights: ResNetWeights) -> onnx.ModelProto:
    graph = _Graph()
    layers = iter(weights.convolutions)
    value = graph.convolve("chips", next(layers), stride=2, pad=0)
    value = graph.add("Relu", value)
    value = graph.add("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2])
    channels, size = 32, ((CHIP_SIZE - 7) // 2 + 1 - 3) // 2 + 1
    for filters, blocks, halves in _STAGES:
        for block in range(blocks):
            down = halves and block == 0
            value, size = _add_block(graph, value, layers, channels, filters, size, down=down)
            channels = filters
    value = graph.add("GlobalAveragePool", value)
    value = graph.add("Flatten", value)
    graph.nodes.append(helper.make_node("MatMul", [value, graph.constant(weights.projection)], ["features"]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "dlib-resnet",
            [helper.make_tensor_value_info("chips", TensorProto.FLOAT, ["n", 3, CHIP_SIZE, CHIP_SIZE])],
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", DIMENSION])],
            graph.constants,
        ),
        producer_name="semblance",
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


def _add_block(
    graph: _Graph, value: str, layers: Iterator[Convolution], channels: int, filters: int, size: int, *, down: bool
) -> tuple[str, int]:
    first, second = next(layers), next(layers)
    inner = graph.convolve(value, first, stride=2 if down else 1, pad=0 if down else 1)
    inner = graph.add("Relu", inner)
    inner = graph.convolve(inner, second, stride=1, pad=1)
    if not down:
        return graph.add("Relu", graph.add("Add", inner, value)), size
    inner_size, outer_size = (size - 3) // 2 + 1, (size - 2) // 2 + 1
    outer = graph.add("AveragePool", value, kernel_shape=[2, 2], strides=[2, 2])
    if filters > channels or inner_size > outer_size:
        outer = graph.pad_to(outer, channels=filters - channels, size=max(0, inner_size - outer_size))
    if outer_size > inner_size:
        inner = graph.pad_to(inner, channels=0, size=outer_size - inner_size)
    return graph.add("Relu", graph.add("Add", inner, outer)), max(inner_size, outer_size)
