"""All components of one face, and how each is measured."""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Features
from semblance.faces.light import shrink
from semblance.faces.photo import Photo
from semblance.faces.quality.pose import HeadPose, estimate_pose, measure_pose
from semblance.faces.quality.region import FaceRegion, clamp, cut_region, fall, rise
from semblance.faces.quality.unified import NO_RANGES, PackRanges, unify
from semblance.terms.samples import NOT_ASSESSABLE, QualityAssessment, QualityMeasure, QualityScore


def assess_face(
    photo: Photo,
    face: Detection,
    *,
    second_face_share: float = 0.0,
    features: Features | None = None,
    ranges: PackRanges = NO_RANGES,
    pose: HeadPose | None = None,
) -> QualityAssessment:
    """Assess one face; the unified score stands first.

    ``second_face_share``: area of the second largest face over the largest one's. ``pose``: where the pack has its own
    way to tell it; from the landmarks otherwise.
    """
    region = cut_region(photo, face)
    pose = pose or estimate_pose(face.landmarks)
    components = (
        measure_background_uniformity(photo, face),
        *assess_exposure(region),
        measure_sharpness(region),
        measure_compression(photo, face),
        measure_natural_colour(region),
        measure_single_face(second_face_share),
        measure_inter_eye_distance(face, yaw=pose.yaw),
        measure_head_size(photo, face),
        *measure_crops(photo, face),
        *measure_pose(pose),
    )
    return QualityAssessment(
        (unify(components, detection_score=face.score, features=features, ranges=ranges), *components)
    )


_WORKING: Final = 160
_ENOUGH_BACKGROUND: Final = 0.04


def measure_background_uniformity(photo: Photo, face: Detection) -> QualityScore:
    """BackgroundUniformity: mean luma gradient, in levels a pixel of a 160-pixel photo, beside and above the head.

    The background is what lies outside the head and above the chin, so that clothes do not count. Not assessable where
    that is under 4 % of the photo.
    """
    scale = min(1.0, _WORKING / max(photo.pixels.shape[:2]))
    small = shrink(photo.pixels, scale) if scale < 1 else photo.pixels
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    outside = np.ones(luma.shape, dtype=np.uint8)
    centre = (round(face.box.centre.x * scale), round((face.box.centre.y - 0.1 * face.box.height) * scale))
    axes = (max(1, round(0.85 * face.box.width * scale)), max(1, round(0.85 * face.box.height * scale)))
    cv2.ellipse(outside, centre, axes, 0, 0, 360, 0, thickness=-1)
    outside[max(0, round(face.box.bottom * scale)) :] = 0
    if float(outside.mean()) < _ENOUGH_BACKGROUND:
        return QualityScore(QualityMeasure.BACKGROUND_UNIFORMITY, NOT_ASSESSABLE)
    across = cv2.Sobel(luma, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(luma, cv2.CV_32F, 0, 1, ksize=3)
    gradient = float(np.hypot(across, down)[outside > 0].mean()) / 8
    return QualityScore(QualityMeasure.BACKGROUND_UNIFORMITY, clamp(190 / (1 + gradient / 2) - 90), gradient)


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


_BLOCK: Final = 8
_ENOUGH_PIXELS: Final = 40


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
    if right - left < _ENOUGH_PIXELS or bottom - top < _ENOUGH_PIXELS:
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


_GREY: Final = 2.0


def measure_natural_colour(region: FaceRegion) -> QualityScore:
    """NaturalColour: distance in CIELAB of the face's mean colour from the span of skin of all people in white light.

    The span (a* 3 to 25, b* 3 to 35) says whether the light or the camera tinted the photo; it does not tell one skin
    from another. A grey photo is not assessable.
    """
    lab = cv2.cvtColor(region.rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    centre = lab[32:112, 24:104].reshape(-1, 3)
    a, b = float(centre[:, 1].mean()), float(centre[:, 2].mean())
    if float(np.abs(centre[:, 1:]).mean()) < _GREY:
        return QualityScore(QualityMeasure.NATURAL_COLOUR, NOT_ASSESSABLE)
    distance = float(np.hypot(max(0.0, 3 - a, a - 25), max(0.0, 3 - b, b - 35)))
    return QualityScore(QualityMeasure.NATURAL_COLOUR, clamp(100 - 5 * distance), distance)


_BEST_HEAD: Final = 0.45
_HEAD_OF_BOX: Final = 1.35
"""A head from crown to chin is about this much higher than a detector's box, which ends above the brows."""


def measure_inter_eye_distance(face: Detection, *, yaw: float) -> QualityScore:
    """InterEyeDistance: pixels between the eye centres, as they would be with the head turned to the front.

    50 at 45 pixels, 90 at 90. Beyond 60 degrees of yaw the correction is held, since the far eye is guessed there.
    """
    distance = face.landmarks.inter_eye_distance / math.cos(math.radians(min(abs(yaw), 60.0)))
    return QualityScore(QualityMeasure.INTER_EYE_DISTANCE, rise(distance, middle=45.0, width=20.0), distance)


def measure_head_size(photo: Photo, face: Detection) -> QualityScore:
    """HeadSize: the head's height as a share of the photo's; best at 0.45, 0 at 0 and at 0.95."""
    share = min(1.0, _HEAD_OF_BOX * face.box.height / photo.facts.height)
    room = _BEST_HEAD if share < _BEST_HEAD else 0.95 - _BEST_HEAD
    return QualityScore(QualityMeasure.HEAD_SIZE, clamp(100 * (1 - abs(share - _BEST_HEAD) / room)), share)


def measure_single_face(second_face_share: float) -> QualityScore:
    """SingleFacePresent: area of the second largest face over the largest one's, 0 when there is no second."""
    return QualityScore(QualityMeasure.SINGLE_FACE_PRESENT, clamp(100 * (1 - second_face_share)), second_face_share)


def measure_crops(photo: Photo, face: Detection) -> tuple[QualityScore, ...]:
    """Leftward-, Rightward-, Upward- and DownwardCropOfTheFaceImage: room around the eyes, in eye distances.

    Measured from the point between the eyes to each edge. A whole head needs about 1.2 to the sides and above, and
    1.8 below; 50 there.
    """
    marks = face.landmarks
    unit = max(1.0, marks.inter_eye_distance, face.box.height / 3)
    x = (marks.left_eye.x + marks.right_eye.x) / 2
    y = (marks.left_eye.y + marks.right_eye.y) / 2
    spans = (
        (QualityMeasure.LEFTWARD_CROP, x / unit, 1.2),
        (QualityMeasure.RIGHTWARD_CROP, (photo.facts.width - x) / unit, 1.2),
        (QualityMeasure.UPWARD_CROP, y / unit, 1.2),
        (QualityMeasure.DOWNWARD_CROP, (photo.facts.height - y) / unit, 1.8),
    )
    return tuple(QualityScore(measure, rise(span, middle=needed, width=0.1), span) for measure, span, needed in spans)
