"""Components of detail: sharpness and compression artefacts."""

from typing import Final

import cv2
import numpy as np

from semblance.faces.detection.detector import Detection
from semblance.faces.photo import Photo
from semblance.faces.quality.mapping import clamp, fall, rise
from semblance.faces.quality.region import FaceRegion
from semblance.terms.quality import NOT_ASSESSABLE, QualityMeasure, QualityScore

_BLOCK: Final = 8
_ENOUGH: Final = 40


def measure_sharpness(region: FaceRegion) -> QualityScore:
    """Sharpness: decimal logarithm of the Laplacian's variance over the luma's own, on the 128-pixel face.

    Relative to the face, not to the photo: a small face that had to be enlarged is as blurred as one out of focus.
    Noise is taken off first by a light blur, since grain is not detail.
    """
    smooth = cv2.GaussianBlur(region.luminance, (0, 0), 1.0).astype(np.float32)
    own = float(smooth.var())
    if own < 1.0:
        return QualityScore(QualityMeasure.SHARPNESS, 0, None)
    ratio = float(np.log10(max(float(cv2.Laplacian(smooth, cv2.CV_32F).var()) / own, 1e-9)))
    return QualityScore(QualityMeasure.SHARPNESS, rise(ratio, middle=-2.35, width=0.25), ratio)


def measure_compression(photo: Photo, face: Detection) -> QualityScore:
    """CompressionArtifacts: steps across the 8-pixel grid over steps elsewhere, on the face's own pixels; 1 is none.

    A photo that was resized after it was compressed has no such grid any more and is not caught.
    """
    height, width = photo.pixels.shape[:2]
    left, top = max(0, int(face.box.left)) // _BLOCK * _BLOCK, max(0, int(face.box.top)) // _BLOCK * _BLOCK
    right, bottom = min(width, int(face.box.right)), min(height, int(face.box.bottom))
    if right - left < _ENOUGH or bottom - top < _ENOUGH:
        return QualityScore(QualityMeasure.COMPRESSION_ARTIFACTS, NOT_ASSESSABLE)
    right, bottom = min(right, left + 512), min(bottom, top + 512)
    luma = cv2.cvtColor(np.ascontiguousarray(photo.pixels[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    wide = luma.astype(np.int16)
    across = np.abs(np.diff(wide, axis=1)).mean(axis=0, dtype=np.float64)
    down = np.abs(np.diff(wide, axis=0)).mean(axis=1, dtype=np.float64)
    on_grid, off_grid = 0.0, 0.0
    for steps in (across, down):
        edges = np.arange(len(steps)) % _BLOCK == _BLOCK - 1
        on_grid += float(steps[edges].mean())
        off_grid += float(steps[~edges].mean())
    ratio = (on_grid + 0.1) / (off_grid + 0.1)
    return QualityScore(QualityMeasure.COMPRESSION_ARTIFACTS, clamp(fall(ratio, middle=1.5, width=0.15)), ratio)
