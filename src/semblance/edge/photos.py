"""Documents about photos, the faces in them, and what became of them."""

from datetime import datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.gallery.record import ImageSource
from semblance.gallery.suitability import SuitabilityLine, judge_suitability
from semblance.messages.message import Message
from semblance.terms.geometry import Box
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.enrolment.enrolment_report import EnrolReport, EnrolRow
from semblance.workflows.records.read_record import PhotoDetail


class BoxDocument(Document):
    """A rectangle in pixels of the upright photo, (0, 0) its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, box: Box) -> "BoxDocument":
        """Return the document of a box."""
        return cls(left=box.left, top=box.top, right=box.right, bottom=box.bottom)


class QualityDocument(Document):
    """One quality component by its name in ISO/IEC 29794-5:2025; scalar 0 (worst) to 100 (best), -1 not assessable."""

    measure: str = Field(examples=["Sharpness"])
    scalar: int = Field(examples=[71])
    native: float | None = Field(default=None, description="The value behind the scalar, in the component's own unit.")


class FaceDocument(Document):
    """A face found in a photo; faces are numbered from 0, the largest first."""

    ordinal: int
    box: BoxDocument
    detection_score: float = Field(description="0 to 1; higher is surer that this is a face. No measure of likeness.")
    quality: tuple[QualityDocument, ...]
    shortfalls: tuple[str, ...] = Field(description="What a reference would be refused for, in sentences.")


class PhotoFactsDocument(Document):
    """What is known of a photo from its bytes."""

    sha256: str = Field(description="SHA-256 of the bytes as they were handed in.")
    media_type: str = Field(examples=["image/jpeg"])
    width: int
    height: int
    size: int = Field(description="Bytes.")
    notes: tuple[Message, ...] = ()


class PhotoDocument(Document):
    """A photo of a record, without its bytes."""

    photo: str
    record: str = Field(description="The record's id.")
    name: str
    status: str = Field(examples=["enrolled"])
    reasons: tuple[str, ...]
    facts: PhotoFactsDocument
    faces: tuple[FaceDocument, ...]
    chosen: int | None = Field(description="Ordinal of the face that is the reference; null where none is.")
    captured: str | None
    source: ImageSource
    note: str | None = Field(description="What the manifest said of where the photo comes from.")
    enrolled_at: datetime
    enrolled_by: str


class PhotoListDocument(Document):
    """Photos, oldest first."""

    photos: tuple[PhotoDocument, ...]


class EnrolRowDocument(Document):
    """What the intake of one photo ended in."""

    subject: str
    name: str
    sha256: str | None
    status: str = Field(examples=["enrolled", "several_faces"])
    reasons: tuple[str, ...]
    photo: str | None
    faces: int | None
    resumed: bool = Field(description="An earlier run had already come to this outcome.")


class LowerLineDocument(Document):
    """How many photos would pass if the setting were ``at``."""

    at: float
    photos: int


class ReasonCountDocument(Document):
    """How many photos of one outcome fell short of one setting of the suitability line."""

    status: str = Field(examples=["unsuitable"])
    setting: str = Field(examples=["suitability.inter_eye_distance"])
    words: str = Field(examples=["eyes too close together"])
    needed: float
    photos: int
    alone: int = Field(description="How many of them fell short of nothing else.")
    lower_lines: tuple[LowerLineDocument, ...] = Field(
        description="For the distance between the eyes: how many of these would pass at a lower line."
    )


class EnrolDocument(Document):
    """The report of an enrolment."""

    person: str
    pack: str
    started: datetime
    seconds: float
    interrupted: bool
    resumed: int
    counts: dict[str, int]
    reasons: tuple[ReasonCountDocument, ...] = Field(description="Why photos were unsuitable, counted.")
    photos: tuple[EnrolRowDocument, ...]


def describe_facts(facts: PhotoFacts) -> PhotoFactsDocument:
    """Return the document of a photo's facts."""
    return PhotoFactsDocument(
        sha256=facts.sha256,
        media_type=facts.media_type,
        width=facts.width,
        height=facts.height,
        size=facts.size,
        notes=facts.notes,
    )


def describe_face(face: FaceSample, line: SuitabilityLine) -> FaceDocument:
    """Return the document of a face, judged by the node's suitability line."""
    return FaceDocument(
        ordinal=face.ordinal,
        box=BoxDocument.of(face.box),
        detection_score=face.detection_score,
        quality=tuple(
            QualityDocument(measure=score.measure.value, scalar=score.scalar, native=score.native)
            for score in face.quality
        ),
        shortfalls=tuple(shortfall.sentence for shortfall in judge_suitability(face, line)),
    )


def describe_photo_detail(photo: PhotoDetail, line: SuitabilityLine) -> PhotoDocument:
    """Return the document of a photo without its bytes."""
    return PhotoDocument(
        photo=photo.photo,
        record=photo.subject,
        name=photo.name,
        status=photo.status.value,
        reasons=photo.reasons,
        facts=describe_facts(photo.facts),
        faces=tuple(describe_face(face, line) for face in photo.faces),
        chosen=photo.chosen,
        captured=photo.captured,
        source=photo.source,
        note=photo.note,
        enrolled_at=photo.enrolled_at,
        enrolled_by=photo.enrolled_by,
    )


def describe_row(row: EnrolRow) -> EnrolRowDocument:
    """Return the document of one photo's intake."""
    return EnrolRowDocument(
        subject=row.subject_key,
        name=row.name,
        sha256=row.sha256,
        status=row.status.value,
        reasons=row.reasons,
        photo=row.photo,
        faces=row.faces,
        resumed=row.resumed,
    )


def describe_report(report: EnrolReport) -> EnrolDocument:
    """Return the document of an enrolment's report; the same fields as the report's own JSON file."""
    return EnrolDocument.model_validate_json(report.to_json())
