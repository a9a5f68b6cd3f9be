"""Documents for programs: what ``--json`` prints and what the API answers, in the same words."""

from datetime import datetime
from pathlib import PurePath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from semblance.gallery.record import ImageSource
from semblance.terms.geometry import Box
from semblance.terms.text import escape_unprintable

_NAME_LENGTH_CAP = 255


class Document(BaseModel):
    """Base of all documents; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorDetail(Document):
    """What went wrong: ``code`` is stable, ``message`` is for people."""

    code: str = Field(examples=["not-found"])
    message: str = Field(examples=["There is no subject 'FR-2024-0017'. `semblance show` lists those that are held."])
    problems: tuple[str, ...] = Field(default=(), description="Every single problem, where there are several.")


class ErrorDocument(Document):
    """The body of every answer that is no success."""

    error: ErrorDetail


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
    notes: tuple[str, ...] = ()


class InitDocument(Document):
    """A node that was made."""

    home: str
    name: str
    pack: str
    administrator: str | None = Field(description="The first administrator, where one was made.")


class NodeDocument(Document):
    """What the node holds, in numbers."""

    name: str
    store: str = Field(examples=["SQLite"])
    gallery_pack: str | None = Field(description="Digest of the pack that made all templates; null before the first.")
    records: int = Field(description="Those that are open to you, in whatever state.")
    active: int
    references: int
    photos: int
    awaiting_choice: int
    kept_unsuitable: int
    searches: int
    purposes: tuple[str, ...]


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


class ProbeDocument(Document):
    """A probe and the faces found in it; choose one by its ordinal."""

    probe: str
    case: str
    name: str
    facts: PhotoFactsDocument
    faces: tuple[FaceDocument, ...]
    expires_at: datetime


class CandidateDocument(Document):
    """A subject that looks alike: a lead to look at, not an identity.

    While people examine the candidates only the pseudonym is told.
    """

    pseudonym: str | None = Field(description="What the candidate is called while it is examined: C-01, by chance.")
    rank: int | None
    score: float | None = Field(description="Comparison score of the pack; higher is more alike. Not a percentage.")
    number: str | None = Field(description="The record's number; null where it was erased or you may not read it.")
    owner: str | None
    kind: str | None
    record: str | None = Field(description="The record's id.")
    reference: str | None
    photo: str | None
    face: BoxDocument | None
    captured: str | None
    erased: bool
    lure: bool = Field(description="A known non-mate that was put among the candidates; no search found it.")


class AlsoDocument(Document):
    """Another photo of the same unknown person that was searched together with the first."""

    probe: str
    probe_sha256: str
    probe_name: str
    face: int | None
    prepared: tuple[str, ...]


class SearchDocument(Document):
    """A recorded search and its answer; no candidates is an answer like any other."""

    search: str
    when: datetime
    person: str
    authority: str
    case: str
    case_id: str
    purpose: str
    reason: str
    outcome: Literal["answered", "refused", "no_face"]
    rule: str | None
    refusal: str | None
    probe: str
    probe_sha256: str
    probe_name: str
    face: int | None
    prepared: tuple[str, ...] = Field(description="What was done to the photo before it was searched, in words.")
    also: tuple[AlsoDocument, ...]
    narrowed: str = Field(description="What the records were narrowed to, in words; empty where to nothing.")
    pack: str | None
    gallery_subjects: int
    gallery_references: int
    erased: bool = Field(description="What was said and found was erased, after its time or unauthorised.")
    limit: int
    candidate_count: int | None = Field(description="Null in a list while the candidates are examined.")
    examination: str | None = Field(description="The examination of the candidates; null where none was asked for.")
    examination_state: str | None = Field(description="open, lead, no-lead, inconclusive or lapsed.")
    candidates: tuple[CandidateDocument, ...] = Field(description="In a list of searches left empty.")
    notice: str = "Every match is a lead, not an identity."


class SearchListDocument(Document):
    """A page of recorded searches, newest first, without their candidates' details."""

    searches: tuple[SearchDocument, ...]
    next_after: int | None


class DemoDocument(Document):
    """What a demonstration did: its enrolments, and a search with a changed copy of a sample."""

    enrolments: tuple[EnrolDocument, ...]
    expected: str
    right_first: bool
    search: SearchDocument


def shorten_name(name: str) -> str:
    """Return the last part of a path, for places where the folders around it are of no use.

    What cannot be printed is in visible escapes; of a name that is too long the end is kept.
    """
    return escape_unprintable(PurePath(name.replace("\\", "/")).name or name)[-_NAME_LENGTH_CAP:]


class PackFileDocument(Document):
    """One file of a model pack; ``state`` is present, missing or wrong-digest."""

    name: str
    sha256: str
    state: str
    licence: str
    training_data: str


class PackDocument(Document):
    """A model pack on this machine."""

    name: str
    version: str
    title: str
    digest: str = Field(description="What templates are bound to; templates of different digests are never compared.")
    metric: str
    dimension: int
    usable: bool
    in_use: bool
    files: tuple[PackFileDocument, ...]


class PacksDocument(Document):
    """All known model packs."""

    models: str
    packs: tuple[PackDocument, ...]


class IndexCheckDocument(Document):
    """How an index that is elsewhere compares with the store; all zero where it is in memory."""

    elsewhere: bool
    references: int = 0
    missing: int = 0
    stray: int = 0
    stale: int = 0
    repaired: bool = False


class MigrationDocument(Document):
    """How far a gallery has templates of another pack."""

    pack: str
    made_now: int
    references: int
    made: int
    faults: dict[str, int] = Field(description="Why references have no template of the pack, and how many.")
    wanting: int = Field(description="References that were not looked at yet.")
    interrupted: bool


class SwitchDocument(Document):
    """Which pack a gallery is searched with now, and how many references no search finds any more."""

    pack: str
    references: int
    missing: int
    entry: int


class ForgottenDocument(Document):
    """How many references' templates of other packs were deleted."""

    templates: int


class MovedDocument(Document):
    """Where a candidate of a concluded examination stands with each pack; null is not in the list."""

    pseudonym: str
    before: int | None
    after: int | None
    lead: bool


class ShadowRowDocument(Document):
    """What another pack would change in one past search."""

    search: str
    first: bool = Field(description="Whether both packs put the same record first.")
    moved: int
    entered: int
    left: int
    examined: tuple[MovedDocument, ...]


class ShadowDocument(Document):
    """What another pack would change in past searches."""

    pack: str
    repeated: int
    same_first: int
    unchanged: int
    skipped: dict[str, int]
    searches: tuple[ShadowRowDocument, ...]
    interrupted: bool


class BenchContenderDocument(Document):
    """One way to make templates, measured; ``ratio`` is against face_recognition, where it was measured too."""

    name: str
    photos_per_second: float = Field(description="Median over the rounds, from file to template, all cores.")
    rounds: tuple[float, ...]
    ratio: float | None
    templates: int
    peak_bytes: int
    start_seconds: float
    stages: dict[str, float] = Field(description="Mean milliseconds a photo on one thread.")


class EncoderCheckDocument(Document):
    """The rebuilt encoder held against dlib's own."""

    chips: int
    largest_difference: float
    dlib_milliseconds: float
    rebuilt_milliseconds: float
    ratio: float


class BenchDocument(Document):
    """What ``semblance bench`` measured."""

    photos: int
    contenders: tuple[BenchContenderDocument, ...]
    encoder: EncoderCheckDocument | None
