"""Alignment by the similarity transform that brings five landmarks nearest to a template."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.detection.detector import Detection
from semblance.terms.samples import Landmarks


def points_of(landmarks: Landmarks) -> NDArray[np.float64]:
    """Return the landmarks as float64 (5, 2), x and y in pixels: left eye, right eye, nose, mouth corners."""
    return np.array([[mark.x, mark.y] for mark in landmarks.points], dtype=np.float64)


def estimate_similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation, uniform scale and shift that bring ``source`` nearest to ``target``; no reflection.

    Both (n, 2); the answer is (2, 3), to be applied as ``matrix @ (x, y, 1)``. Least squares after Umeyama, "Least-
    squares estimation of transformation parameters between two point patterns", IEEE TPAMI 13(4), 1991.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source_centred, target_centred = source - source_mean, target - target_mean
    covariance = target_centred.T @ source_centred / len(source)
    left, values, right = np.linalg.svd(covariance)
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = left @ np.diag(signs) @ right
    variance = source_centred.var(axis=0).sum()
    scale = float((values * signs).sum() / variance) if variance > 0 else 1.0
    shift = target_mean - scale * rotation @ source_mean
    return np.concatenate([scale * rotation, shift[:, None]], axis=1)


class SimilarityAligner:
    """Warps a face so that its landmarks fall on a template.

    ``template``: five (x, y) as fractions of the chip's side; ``size``: the chip's side in pixels.
    """

    def __init__(self, template: Sequence[tuple[float, float]], size: int) -> None:
        self._target = np.array(template, dtype=np.float64) * size
        self._size = size

    def align(self, pixels: NDArray[np.uint8], face: Detection) -> NDArray[np.uint8]:
        matrix = estimate_similarity(points_of(face.landmarks), self._target)
        chip = warp(pixels, matrix, self._size)
        chip.setflags(write=False)
        return chip


def warp(pixels: NDArray[np.uint8], matrix: NDArray[np.float64], size: int) -> NDArray[np.uint8]:
    """Return a square of ``size`` pixels of the photo under a similarity transform, (2, 3), photo to square.

    Beyond the photo's edge its outermost pixels are repeated.
    """
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if shrink < 0.5:
        pixels, matrix = _reduce_first(pixels, matrix, shrink)
    square = cv2.warpAffine(pixels, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(square, dtype=np.uint8)


def _reduce_first(
    pixels: NDArray[np.uint8], matrix: NDArray[np.float64], shrink: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Shrink a much larger photo by averaging before the warp, which samples four pixels and would alias."""
    factor = 2 ** int(np.floor(np.log2(1 / shrink)))
    height, width = pixels.shape[:2]
    size = (max(1, width // factor), max(1, height // factor))
    reduced = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    scale_x, scale_y = width / size[0], height / size[1]
    # Pixel centres: x_full = (x_small + 0.5) * scale - 0.5
    lift = np.array([[scale_x, 0, (scale_x - 1) / 2], [0, scale_y, (scale_y - 1) / 2], [0, 0, 1]])
    return reduced, matrix @ lift
