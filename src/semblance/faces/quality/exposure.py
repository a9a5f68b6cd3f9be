"""Components of light on the face: mean, variance, under- and overexposure, dynamic range, evenness."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.quality.mapping import clamp, fall, rise
from semblance.faces.quality.region import FaceRegion
from semblance.terms.samples import QualityMeasure, QualityScore

_DARK: Final = 26
_BRIGHT: Final = 247


def assess_exposure(region: FaceRegion) -> tuple[QualityScore, ...]:
    """Assess the six components of light from one histogram."""
    histogram = np.bincount(region.luminance.reshape(-1), minlength=256) / region.luminance.size
    return (
        measure_luminance_mean(histogram),
        measure_luminance_variance(histogram),
        measure_under_exposure(histogram),
        measure_over_exposure(histogram),
        measure_dynamic_range(histogram),
        measure_illumination_uniformity(region),
    )


def measure_luminance_mean(histogram: NDArray[np.float64]) -> QualityScore:
    """LuminanceMean: mean luma as a fraction of full scale; best in the middle, falling under 0.2 and over 0.8."""
    mean = float(histogram @ np.arange(256)) / 255
    scalar = rise(mean, middle=0.2, width=0.05) * fall(mean, middle=0.8, width=0.05) / 100
    return QualityScore(QualityMeasure.LUMINANCE_MEAN, clamp(scalar), mean)


def measure_luminance_variance(histogram: NDArray[np.float64]) -> QualityScore:
    """LuminanceVariance: variance of luma, full scale 1; a flat face scores low, and so does a torn one."""
    levels = np.arange(256) / 255
    mean = float(histogram @ levels)
    variance = float(histogram @ (levels - mean) ** 2)
    share = 60 * variance / (60 * variance + 1)
    return QualityScore(QualityMeasure.LUMINANCE_VARIANCE, clamp(100 * np.sin(share * np.pi)), variance)


def measure_under_exposure(histogram: NDArray[np.float64]) -> QualityScore:
    """UnderExposurePrevention: share of the face's pixels with a luma under 26 of 255; 50 at half of them."""
    share = float(histogram[:_DARK].sum())
    return QualityScore(QualityMeasure.UNDER_EXPOSURE_PREVENTION, fall(share, middle=0.5, width=0.1), share)


def measure_over_exposure(histogram: NDArray[np.float64]) -> QualityScore:
    """OverExposurePrevention: share of the face's pixels with a luma of 247 or more; 50 at a fifth of them."""
    share = float(histogram[_BRIGHT:].sum())
    return QualityScore(QualityMeasure.OVER_EXPOSURE_PREVENTION, fall(share, middle=0.2, width=0.04), share)


def measure_dynamic_range(histogram: NDArray[np.float64]) -> QualityScore:
    """DynamicRange: entropy of the luma histogram in bits, 0 to 8, times 12.5."""
    filled = histogram[histogram > 0]
    entropy = float(-(filled * np.log2(filled)).sum())
    return QualityScore(QualityMeasure.DYNAMIC_RANGE, clamp(12.5 * entropy), entropy)


def measure_illumination_uniformity(region: FaceRegion) -> QualityScore:
    """IlluminationUniformity: how much the luma histograms of the left and the right half overlap, 0 to 1."""
    half = region.luminance.shape[1] // 2
    sides = (region.luminance[:, :half], region.luminance[:, half:])
    left, right = (np.bincount(side.reshape(-1) // 8, minlength=32) / side.size for side in sides)
    overlap = float(np.minimum(left, right).sum())
    return QualityScore(QualityMeasure.ILLUMINATION_UNIFORMITY, clamp(100 * overlap**0.5), overlap)
