"""Changes to a photo that happen in light, before a camera has made numbers of it: scale, blur, exposure, noise.

All work on linear light (IEC 61966-2-1): a pixel that averages four others has their mean light, not the mean of
their sRGB values. Arrays are float32 or uint8, shape (height, width, 3); arguments are never changed.
"""

from typing import Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", np.uint8, np.float32)

_SHOT_NOISE: Final = 2e-4
"""Variance of the photon noise of a pixel at full light: that of a small sensor which holds 5 000 electrons."""

_READ_NOISE: Final = 1.5e-3
"""Standard deviation of the readout noise, as a share of full light."""


def _make_linear_table() -> NDArray[np.float32]:
    levels = np.arange(256) / 255.0
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR: Final = _make_linear_table()


def to_light(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the linear light of sRGB pixels, 0 to 1."""
    return _LINEAR[pixels]


def to_pixels(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return linear light as sRGB pixels of 8 bits; what lies outside 0 to 1 is clipped, as a sensor does."""
    clipped = np.clip(light, 0.0, 1.0)
    encoded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * np.power(clipped, 1 / 2.4) - 0.055)
    return np.rint(encoded * 255.0).astype(np.uint8)


def shrink(pixels: NDArray[Kind], factor: float) -> NDArray[Kind]:
    """Return light or pixels averaged over areas, width and height times ``factor`` (0 to 1), at least one pixel."""
    height, width = pixels.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=pixels.dtype)


def blur_light(light: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return the light spread by a Gaussian of ``sigma`` pixels, as a lens out of focus does, roughly."""
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), dtype=np.float32)


def dim_light(
    light: NDArray[np.float32], stops: float, *, grain: float, randomness: np.random.Generator
) -> NDArray[np.float32]:
    """Return the light of an exposure that is ``stops`` shorter (each halves it), with the noise of a small sensor.

    Photon noise grows with the root of the light, readout noise is constant; ``grain`` as in make_grain.
    """
    dimmed = light * np.float32(2.0**-stops)
    deviation = np.sqrt(_SHOT_NOISE * dimmed + _READ_NOISE**2)
    return np.asarray(dimmed + deviation * make_grain(dimmed.shape, grain, randomness), dtype=np.float32)


def make_grain(shape: tuple[int, ...], grain: float, randomness: np.random.Generator) -> NDArray[np.float32]:
    """Return Gaussian noise of mean 0 and deviation 1, its grains ``grain`` pixels wide (at least 1).

    Coarser grain is what noise looks like after a photo was enlarged; per-pixel noise on a very large face would
    vanish when the face is scaled down for the encoder, and so would not be the same trouble for all photos.
    """
    height, width, channels = shape
    if grain <= 1.0:
        return randomness.standard_normal(shape, dtype=np.float32)
    coarse = (max(2, round(height / grain)), max(2, round(width / grain)), channels)
    field = cv2.resize(
        randomness.standard_normal(coarse, dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(field / max(float(field.std()), 1e-6), dtype=np.float32)
