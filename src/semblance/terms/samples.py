"""What is made of a photo: facts about its bytes, the faces found in it, and the template of at most one of them."""

from dataclasses import dataclass
from enum import StrEnum

from semblance.messages.message import Message
from semblance.terms.geometry import Box, Landmarks
from semblance.terms.ids import PackDigest, Sha256
from semblance.terms.quality import QualityAssessment


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


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What is known of a photo from its bytes; width and height in pixels, after turning it upright.

    ``media_type`` is told from the content, never from the file's name. ``notes`` say what was
    found and done while decoding ("the EXIF block is damaged and was ignored", "first of 12 frames").
    """

    sha256: Sha256
    media_type: str
    width: int
    height: int
    size: int
    notes: tuple[Message, ...] = ()


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
    of any of them was computed.
    """

    facts: PhotoFacts
    faces: tuple[FaceSample, ...]
    chosen: int | None = None
    template: Template | None = None
