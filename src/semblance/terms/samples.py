"""What is made of a photo: facts about its bytes, the faces found in it, and the template of at most one of them.

Places are pixels of the upright photo, x to the right, y downwards, (0, 0) the upper left corner. Quality has the names
and the scale of ISO/IEC 29794-5:2025.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from semblance.messages.message import Message
from semblance.terms.ids import PackDigest, Sha256


@dataclass(frozen=True, slots=True)
class Point:
    """A position in pixels; fractions are allowed."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle in pixels; it may reach beyond the photo's edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def touches(self, other: "Box") -> bool:
        """Return whether the two have a part in common."""
        across = min(self.right, other.right) > max(self.left, other.left)
        return across and min(self.bottom, other.bottom) > max(self.top, other.top)

    @property
    def centre(self) -> Point:
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points of a face, named by where they appear in the photo, not by the subject's own left and right."""

    left_eye: Point
    right_eye: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point

    @property
    def points(self) -> tuple[Point, ...]:
        return self.left_eye, self.right_eye, self.nose, self.mouth_left, self.mouth_right

    @property
    def inter_eye_distance(self) -> float:
        """Distance between the eye centres in pixels (ISO/IEC 29794-5:2025, inter-eye distance)."""
        return math.dist((self.left_eye.x, self.left_eye.y), (self.right_eye.x, self.right_eye.y))


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


class Metric(StrEnum):
    """How two templates of a pack are compared; a higher comparison score always means more alike.

    ``cosine``: the inner product of unit vectors, -1 to 1. ``euclidean``: the distance with its sign turned, so
    that 0 is the highest.
    """

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


@dataclass(frozen=True, slots=True)
class Template:
    """A face's features as a model pack made them; templates of different packs are never compared.

    ``values`` holds ``dimension`` float32 numbers, little-endian; of unit length where the metric is cosine.
    """

    pack: PackDigest
    metric: Metric
    dimension: int
    values: bytes


QuarterTurn = Literal[0, 90, 180, 270]
"""Degrees, clockwise."""
QUARTER_TURNS: Final[tuple[QuarterTurn, ...]] = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What is known of a photo from its bytes; width and height in pixels, after turning it upright.

    ``media_type`` is told from the content, never from the file's name. ``notes`` say what was
    found and done while decoding ("the EXIF block is damaged and was ignored", "first of 12 frames"). ``undecoded``
    is the part of the upright photo for which the file has no pixels, or not all of their detail. ``turned`` is by how
    much it was turned after what its metadata say, so that the face is upright.
    """

    sha256: Sha256
    media_type: str
    width: int
    height: int
    size: int
    notes: tuple[Message, ...] = ()
    undecoded: Box | None = None
    turned: QuarterTurn = 0


@dataclass(frozen=True, slots=True)
class FaceSample:
    """One face found in a photo; ``detection_score`` runs from 0 to 1, higher is surer."""

    ordinal: int
    box: Box
    landmarks: Landmarks
    detection_score: float
    quality: QualityAssessment


@dataclass(frozen=True, slots=True)
class Extraction:
    """All faces of a photo, largest first, and the template of the one that was chosen, if any.

    No face: ``faces`` is empty. Several faces and none chosen: ``chosen`` and ``template`` are None, and no template
    of any of them was computed. ``doubtful``: which way up the face is could not be told, and the photo was left as it
    lies.
    """

    facts: PhotoFacts
    faces: tuple[FaceSample, ...]
    chosen: int | None = None
    template: Template | None = None
    doubtful: bool = False
