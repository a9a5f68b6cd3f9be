"""Quality of a face sample, in the names and on the scale of ISO/IEC 29794-5:2025."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NOT_ASSESSABLE: Final = -1


class QualityMeasure(StrEnum):
    """The quality components that Semblance measures, by their names in ISO/IEC 29794-5:2025."""

    UNIFIED = "UnifiedQualityScore"
    BACKGROUND_UNIFORMITY = "BackgroundUniformity"
    ILLUMINATION_UNIFORMITY = "IlluminationUniformity"
    LUMINANCE_MEAN = "LuminanceMean"
    LUMINANCE_VARIANCE = "LuminanceVariance"
    UNDER_EXPOSURE_PREVENTION = "UnderExposurePrevention"
    OVER_EXPOSURE_PREVENTION = "OverExposurePrevention"
    DYNAMIC_RANGE = "DynamicRange"
    SHARPNESS = "Sharpness"
    COMPRESSION_ARTIFACTS = "CompressionArtifacts"
    NATURAL_COLOUR = "NaturalColour"
    SINGLE_FACE_PRESENT = "SingleFacePresent"
    INTER_EYE_DISTANCE = "InterEyeDistance"
    HEAD_SIZE = "HeadSize"
    LEFTWARD_CROP = "LeftwardCropOfTheFaceImage"
    RIGHTWARD_CROP = "RightwardCropOfTheFaceImage"
    DOWNWARD_CROP = "DownwardCropOfTheFaceImage"
    UPWARD_CROP = "UpwardCropOfTheFaceImage"
    HEAD_POSE_YAW = "HeadPoseYaw"
    HEAD_POSE_PITCH = "HeadPosePitch"
    HEAD_POSE_ROLL = "HeadPoseRoll"


@dataclass(frozen=True, slots=True)
class QualityScore:
    """One component's result.

    ``scalar`` runs from 0 (worst) to 100 (best), or is -1 where the component is not assessable in this photo.
    ``native`` is the value that it was mapped from, in the component's own unit (pixels, degrees, a fraction), or
    None where there is none.
    """

    measure: QualityMeasure
    scalar: int
    native: float | None = None

    @property
    def assessable(self) -> bool:
        return self.scalar != NOT_ASSESSABLE


@dataclass(frozen=True, slots=True)
class QualityAssessment:
    """All components measured on one face, each at most once."""

    scores: tuple[QualityScore, ...]

    def __iter__(self) -> Iterator[QualityScore]:
        return iter(self.scores)

    def find(self, measure: QualityMeasure) -> QualityScore:
        """Return that component's score; one that was not measured is returned as not assessable."""
        for score in self.scores:
            if score.measure is measure:
                return score
        return QualityScore(measure, NOT_ASSESSABLE)

    @property
    def unified(self) -> int:
        return self.find(QualityMeasure.UNIFIED).scalar
