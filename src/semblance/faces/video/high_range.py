"""Pictures of high dynamic range or wide gamut, brought into sRGB.

What light a code stands for is ITU-R BT.2100-2, table 4 (PQ, SMPTE ST 2084) and table 5 (HLG, ARIB STD-B67); 203 cd/m²
are the white of paper (BT.2408). Up to seven tenths of it light stays as it is, faces among it; above it is pressed
together, never cut off.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Transfer(StrEnum):
    """How light was written as numbers; ``WIDE`` is standard range in the primaries of BT.2020."""

    PQ = "PQ"
    HLG = "HLG"
    WIDE = "WIDE"


WHITE: Final = 203.0
"""cd/m² that become the white of a page."""
KNEE: Final = 0.7
_PEAK: Final = 1000.0
_HLG_GAMMA: Final = 1.2
_LUMINANCE: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)
_TO_709: Final = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]], np.float32
)
"""From BT.2020 to BT.709 in linear light (ITU-R BT.2087-0)."""
_ROWS: Final = 256


def render_standard(pixels: NDArray[np.uint16], transfer: Transfer) -> NDArray[np.uint8]:
    """Return R'G'B' of 16 bits and full range, shape (height, width, 3), BT.2020, as sRGB of 8 bits."""
    table = _tabulate_light(transfer)
    shown = np.empty(pixels.shape, np.uint8)
    # in strips: an 8K picture in floats would take more memory than a decoder has
    for top in range(0, len(pixels), _ROWS):
        light = table[pixels[top : top + _ROWS]]
        if transfer is Transfer.HLG:
            light = _show_hlg(light)
        light = np.maximum(light @ _TO_709.T, 0)
        if transfer is not Transfer.WIDE:
            light = _press(light)
        shown[top : top + _ROWS] = _tabulate_srgb()[(np.minimum(light, 1) * 65535 + 0.5).astype(np.uint16)]
    return shown


def _press(light: Floats) -> Floats:
    """Press what is brighter than the knee below white, by the brightest of the three, so that hues stay."""
    most = light.max(axis=-1, keepdims=True)
    above = np.maximum(most - KNEE, 0)
    pressed = KNEE - (1 - KNEE) * np.expm1(-above / (1 - KNEE))
    return np.asarray(np.where(most > KNEE, light * (pressed / np.maximum(most, 1e-6)), light), np.float32)


def _show_hlg(scene: Floats) -> Floats:
    """Return what a screen of 1 000 cd/m² makes of the light of a scene, as shares of white."""
    luminance = (scene @ _LUMINANCE)[..., None]
    return np.asarray(scene * np.power(luminance, _HLG_GAMMA - 1) * (_PEAK / WHITE), np.float32)


@cache
def _tabulate_light(transfer: Transfer) -> Floats:
    linearise: Callable[[NDArray[np.float64]], NDArray[np.float64]] = {
        Transfer.PQ: _read_pq,
        Transfer.HLG: _read_hlg,
        # ITU-R BT.1886: what a reference screen shows
        Transfer.WIDE: lambda code: code**2.4,
    }[transfer]
    light: Floats = linearise(np.linspace(0, 1, 65536)).astype(np.float32)
    return light


def _read_pq(code: NDArray[np.float64]) -> NDArray[np.float64]:
    root = code ** (32 / 2523)
    return (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (16384 / 2610) * 10_000 / WHITE


def _read_hlg(code: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


@cache
def _tabulate_srgb() -> NDArray[np.uint8]:
    light = np.linspace(0, 1, 65536)
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    shown: NDArray[np.uint8] = np.rint(code * 255).astype(np.uint8)
    return shown
