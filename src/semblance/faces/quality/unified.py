"""UnifiedQualityScore: one number for how well a face serves a search."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from pydantic import ConfigDict

from semblance.faces.encoding.encoder import Features
from semblance.faces.quality.region import clamp
from semblance.terms.samples import NOT_ASSESSABLE, QualityMeasure, QualityScore

WEIGHTS: Final[Mapping[QualityMeasure, float]] = {
    QualityMeasure.SHARPNESS: 0.30,
    QualityMeasure.HEAD_POSE_YAW: 0.13,
    QualityMeasure.DYNAMIC_RANGE: 0.06,
    QualityMeasure.LUMINANCE_MEAN: 0.06,
    QualityMeasure.INTER_EYE_DISTANCE: 0.03,
    QualityMeasure.HEAD_POSE_PITCH: 0.03,
    QualityMeasure.ILLUMINATION_UNIFORMITY: 0.02,
}
NORM_WEIGHT: Final = 0.16
AGREEMENT_WEIGHT: Final = 0.14
DETECTION_WEIGHT: Final = 0.07
"""Shares of the score: the components', and those of what the pack itself says. docs/quality.md tells how measured."""


@dataclass(frozen=True, slots=True)
class PackRanges:
    """What counts as 0 and as 100, for each thing that a pack says of a face; None leaves it out of the unified score.

    ``norm``: length of the features before normalisation. ``agreement``: cosine between the features of the chip and
    of its mirror image. ``detection``: the detector's score.
    """

    norm: tuple[float, float] | None = None
    agreement: tuple[float, float] | None = None
    detection: tuple[float, float] | None = None

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        for limits in (self.norm, self.agreement, self.detection):
            if limits is not None and limits[0] >= limits[1]:
                raise ValueError(f"{list(limits)} is no range: the low end comes first and differs from the high one")


NO_RANGES: Final = PackRanges()


def unify(
    scores: Iterable[QualityScore], *, detection_score: float, features: Features | None, ranges: PackRanges
) -> QualityScore:
    """Weigh the components, and what the pack says of the face where its range is known.

    What is not assessable is left out and the rest weighed higher. Norm and agreement tell how much the encoder found
    to hold on to; a face that was not chosen has neither, and its score rests on the photo.
    """
    parts = [(WEIGHTS.get(score.measure, 0.0), float(score.scalar)) for score in scores if score.assessable]
    if ranges.detection is not None:
        parts.append((DETECTION_WEIGHT, scale_within(detection_score, ranges.detection)))
    if features is not None and ranges.norm is not None:
        parts.append((NORM_WEIGHT, scale_within(features.norm, ranges.norm)))
    if features is not None and ranges.agreement is not None:
        parts.append((AGREEMENT_WEIGHT, scale_within(features.agreement, ranges.agreement)))
    weight = sum(share for share, _ in parts)
    if weight <= 0:
        return QualityScore(QualityMeasure.UNIFIED, NOT_ASSESSABLE)
    return QualityScore(QualityMeasure.UNIFIED, clamp(sum(share * value for share, value in parts) / weight))


def scale_within(value: float, limits: tuple[float, float]) -> float:
    """Bring a value to 0 to 100 within its range; beyond it, the nearer end."""
    low, high = limits
    return 100 * min(1.0, max(0.0, (value - low) / (high - low)))
