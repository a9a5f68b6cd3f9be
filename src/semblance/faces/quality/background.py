"""BackgroundUniformity."""

from typing import Final

import cv2
import numpy as np

from semblance.faces.detection.detector import Detection
from semblance.faces.photo import Photo
from semblance.faces.quality.mapping import clamp
from semblance.terms.samples import NOT_ASSESSABLE, QualityMeasure, QualityScore

_WORKING: Final = 160
_ENOUGH: Final = 0.04


def measure_background_uniformity(photo: Photo, face: Detection) -> QualityScore:
    """BackgroundUniformity: mean luma gradient, in levels a pixel of a 160-pixel photo, beside and above the head.

    The background is what lies outside the head and above the chin, so that clothes do not count. Not assessable where
    that is under 4 % of the photo.
    """
    height, width = photo.pixels.shape[:2]
    scale = min(1.0, _WORKING / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else photo.pixels
    luma = cv2.cvtColor(np.asarray(small, dtype=np.uint8), cv2.COLOR_RGB2GRAY).astype(np.float32)
    outside = np.ones(luma.shape, dtype=np.uint8)
    centre = (round(face.box.centre.x * scale), round((face.box.centre.y - 0.1 * face.box.height) * scale))
    axes = (max(1, round(0.85 * face.box.width * scale)), max(1, round(0.85 * face.box.height * scale)))
    cv2.ellipse(outside, centre, axes, 0, 0, 360, 0, thickness=-1)
    outside[max(0, round(face.box.bottom * scale)) :] = 0
    if float(outside.mean()) < _ENOUGH:
        return QualityScore(QualityMeasure.BACKGROUND_UNIFORMITY, NOT_ASSESSABLE)
    across = cv2.Sobel(luma, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(luma, cv2.CV_32F, 0, 1, ksize=3)
    gradient = float(np.hypot(across, down)[outside > 0].mean()) / 8
    return QualityScore(QualityMeasure.BACKGROUND_UNIFORMITY, clamp(190 / (1 + gradient / 2) - 90), gradient)
