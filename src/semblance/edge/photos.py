"""Documents about photos, the faces in them, and what became of them."""

from datetime import datetime
from typing import Any

from pydantic import Field, ValidationInfo, model_validator

from semblance.edge.document import Document, taken_from
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import ImageSource
from semblance.gallery.suitability import SuitabilityLine, judge_suitability
from semblance.messages.message import Message
from semblance.terms.samples import Box, FaceSample, PhotoFacts, QualityScore
from semblance.workflows.enrolment.enrolment_report import EnrolRow, ReasonCount


class FaceDocument(Document):
    """A face found in a photo; faces are numbered from 0, the largest first.

    Read from a face, it is judged by the suitability line that the validation is given as its context.
    """

    ordinal: int
    box: Box = Field(description="Pixels of the upright photo, (0, 0) its upper left corner.")
    detection_score: float = Field(description="0 to 1; higher is surer that this is a face. No measure of likeness.")
    quality: tuple[QualityScore, ...] = Field(description="By the names of ISO/IEC 29794-5:2025.")
    shortfalls: tuple[Message, ...] = Field(description="What a reference would be refused for.")

    @model_validator(mode="before")
    @classmethod
    def _judge(cls, face: Any, info: ValidationInfo[SuitabilityLine]) -> Any:
        if not isinstance(face, FaceSample):
            return face
        return {
            "ordinal": face.ordinal,
            "box": face.box,
            "detection_score": face.detection_score,
            "quality": face.quality.scores,
            "shortfalls": [shortfall.message for shortfall in judge_suitability(face, info.context)],
        }


class PhotoDocument(Document):
    """A photo of a record, without its bytes."""

    photo: str = taken_from("photo", "id")
    record: str = taken_from("record", "subject", description="The record's id.")
    name: str
    status: IntakeStatus
    reasons: tuple[Message, ...]
    facts: PhotoFacts
    faces: tuple[FaceDocument, ...]
    chosen: int | None = Field(description="Ordinal of the face that is the reference; null where none is.")
    captured: str | None
    source: ImageSource
    note: str | None = Field(description="What the manifest said of where the photo comes from.")
    enrolled_at: datetime
    enrolled_by: str


class EnrolDocument(Document):
    """The report of an enrolment."""

    person: str
    pack: str
    started: datetime
    seconds: float
    interrupted: bool
    resumed: int
    counts: dict[IntakeStatus, int]
    reasons: tuple[ReasonCount, ...] = Field(description="Why photos were unsuitable, counted.")
    photos: tuple[EnrolRow, ...] = taken_from("photos", "rows")
