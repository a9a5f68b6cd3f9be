"""The rewritten encoder computes the same numbers, bit for bit, and leaves alone what it must."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from semblance.errors import ModelError
from semblance.faces.encoding.simplify import simplify_encoder

FILTERS = 6


def _graph(nodes: Sequence[onnx.NodeProto], outputs: Sequence[str] = ("y",), **constants: NDArray[Any]) -> bytes:
    model = helper.make_model(
        helper.make_graph(
            list(nodes),
            "tiny",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 9, 9])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", "c", "h", "w"]) for name in outputs],
            [numpy_helper.from_array(values.astype(np.float32), name) for name, values in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    return bytes(model.SerializeToString())


def _run(data: bytes, value: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    answers: list[NDArray[np.float32]] = session.run(None, {session.get_inputs()[0].name: value})
    return answers


def _kinds(data: bytes) -> list[str]:
    return [node.op_type for node in onnx.load_from_string(data).graph.node]


def _assert_same(before: bytes, after: bytes, shape: tuple[int, ...] = (1, 3, 9, 9)) -> None:
    randomness = np.random.default_rng(4)
    for _ in range(5):
        value = (randomness.normal(size=shape) * 50).astype(np.float32)
        for expected, got in zip(_run(before, value), _run(after, value), strict=True):
            np.testing.assert_array_equal(got, expected)


def _convolution(output: str = "c") -> onnx.NodeProto:
    return helper.make_node("Conv", ["x", "w"], [output], kernel_shape=[3, 3])


@pytest.fixture
def weights() -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(size=(FILTERS, 3, 3, 3))


@pytest.fixture
def bias() -> NDArray[np.float64]:
    return np.random.default_rng(2).normal(size=(1, FILTERS, 1, 1))


@pytest.mark.parametrize("operands", [("c", "b"), ("b", "c")], ids=["constant second", "constant first"])
def test_a_bias_moves_into_the_convolution(
    operands: tuple[str, str], weights: NDArray[np.float64], bias: NDArray[np.float64]
) -> None:
    before = _graph([_convolution(), helper.make_node("Add", list(operands), ["y"])], w=weights, b=bias)
    after = simplify_encoder(before)
    assert _kinds(after) == ["Conv"]
    assert {value.name for value in onnx.load_from_string(after).graph.initializer} == {"w", "b.bias"}
    _assert_same(before, after)


def test_a_bias_that_two_convolutions_share_stays_right(
    weights: NDArray[np.float64], bias: NDArray[np.float64]
) -> None:
    nodes = [
        _convolution("c1"),
        helper.make_node("Add", ["c1", "b"], ["y"]),
        _convolution("c2"),
        helper.make_node("Add", ["c2", "b"], ["z"]),
    ]
    before = _graph(nodes, ("y", "z"), w=weights, b=bias)
    _assert_same(before, simplify_encoder(before))


@pytest.mark.parametrize(
    "shape", [(1, 1, 1, 1), (FILTERS, 1, 1), (1, FILTERS, 7, 7)], ids=["one number", "three axes", "a whole plane"]
)
def test_other_additions_stay(shape: tuple[int, ...], weights: NDArray[np.float64]) -> None:
    addend = np.random.default_rng(3).normal(size=shape)
    before = _graph([_convolution(), helper.make_node("Add", ["c", "b"], ["y"])], w=weights, b=addend)
    after = simplify_encoder(before)
    _assert_same(before, after)
    assert _kinds(after) == ["Conv", "Add"]


def test_a_convolution_that_others_read_keeps_its_output(
    weights: NDArray[np.float64], bias: NDArray[np.float64]
) -> None:
    nodes = [_convolution(), helper.make_node("Add", ["c", "b"], ["y"]), helper.make_node("Relu", ["c"], ["z"])]
    before = _graph(nodes, ("y", "z"), w=weights, b=bias)
    _assert_same(before, simplify_encoder(before))
    shown = _graph([_convolution(), helper.make_node("Add", ["c", "b"], ["y"])], ("y", "c"), w=weights, b=bias)
    _assert_same(shown, simplify_encoder(shown))


@pytest.mark.parametrize("shape", [(1,), (1, 1, 1)])
def test_a_single_slope_becomes_a_leaky_relu(shape: tuple[int, ...], weights: NDArray[np.float64]) -> None:
    before = _graph(
        [_convolution(), helper.make_node("PRelu", ["c", "s"], ["y"])], w=weights, s=np.full(shape, 0.1234567)
    )
    after = simplify_encoder(before)
    assert _kinds(after) == ["Conv", "LeakyRelu"]
    _assert_same(before, after)


def test_slopes_of_their_own_for_every_channel_are_left_alone(weights: NDArray[np.float64]) -> None:
    slopes = np.linspace(0.05, 0.3, FILTERS).reshape(FILTERS, 1, 1)
    before = _graph([_convolution(), helper.make_node("PRelu", ["c", "s"], ["y"])], w=weights, s=slopes)
    after = simplify_encoder(before)
    assert _kinds(after) == ["Conv", "PRelu"]
    _assert_same(before, after)


def test_bias_and_slope_together(weights: NDArray[np.float64], bias: NDArray[np.float64]) -> None:
    nodes = [_convolution(), helper.make_node("Add", ["c", "b"], ["a"]), helper.make_node("PRelu", ["a", "s"], ["y"])]
    before = _graph(nodes, w=weights, b=bias, s=np.array([0.25]))
    after = simplify_encoder(before)
    assert _kinds(after) == ["Conv", "LeakyRelu"]
    assert simplify_encoder(after) == after
    _assert_same(before, after)


@pytest.mark.parametrize("data", [b"", b"no model at all", b"\x08\x08", b"\x00" * 100])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="semblance models pull"):
        simplify_encoder(data)


def test_the_published_encoder_gives_the_same_numbers(model_files: Path, weights: NDArray[np.float64]) -> None:
    before = (model_files / "face-reidentification-retail-0095.onnx").read_bytes()
    after = simplify_encoder(before)
    assert after == simplify_encoder(before)
    assert "PRelu" not in _kinds(after)
    assert _kinds(after).count("Add") < _kinds(before).count("Add")
    randomness = np.random.default_rng(9)
    for _ in range(10):
        chip = randomness.integers(0, 256, (1, 3, 128, 128)).astype(np.float32)
        np.testing.assert_array_equal(_run(after, chip)[0], _run(before, chip)[0])
    with pytest.raises(ModelError):
        simplify_encoder(before[: len(before) // 2])
