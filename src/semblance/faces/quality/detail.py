"""Components of detail: sharpness and compression artefacts."""

from typing import Final

import cv2
import numpy as np

from semblance.faces.detection.detector import Detection
from semblance.faces.photo import Photo
from semblance.faces.quality.mapping import clamp, fall, rise
from semblance.faces.quality.region import FaceRegion
from semblance.terms.samples import NOT_ASSESSABLE, QualityMeasure, QualityScore

_BLOCK: Final = 8
_ENOUGH: Final = 40


def measure_sharpness(region: FaceRegion) -> QualityScore:
    """Sharpness: decimal logarithm of the share of the luma's variance that is fine detail, on the 128-pixel face.

    Fine detail is what a Gaussian of 1.5 pixels keeps and one of 3 pixels loses. Relative to the face, not to the
    photo: a small face that had to be enlarged is as blurred as one out of focus. The band lies below the pixel's own
    scale, where grain and compression pass for detail less than they do with the Laplacian; strong noise still does.
    """
    luma = region.luminance.astype(np.float32)
    fine = cv2.GaussianBlur(luma, (0, 0), 1.5) - cv2.GaussianBlur(luma, (0, 0), 3.0)
    share = float(np.log10(float(fine.var()) / (float(luma.var()) + 1.0) + 1e-6))
    return QualityScore(QualityMeasure.SHARPNESS, rise(share, middle=-1.75, width=0.12), share)


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
