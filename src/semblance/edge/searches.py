"""Documents about probes, their prepared versions, searches, candidates, and the calibrations that explain scores."""

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from semblance.audit.search_record import PreparedFace, SearchOutcome, SearchRecord
from semblance.cases.examination import Examination
from semblance.edge.document import Document, taken_from
from semblance.edge.photos import FaceDocument
from semblance.gallery.suitability import SuitabilityLine
from semblance.messages.message import Message
from semblance.store.probes import StoredPreparation, StoredProbe
from semblance.terms.permission import Purpose
from semblance.terms.preparation import write_steps
from semblance.terms.record import RecordKind
from semblance.terms.samples import Box, PhotoFacts
from semblance.workflows.search.search_answer import SearchAnswer, SearchPage, ShownCandidate


def _list_steps(prepared: PreparedFace | None) -> tuple[Message, ...]:
    return () if prepared is None else prepared.steps


Steps = Annotated[tuple[Message, ...], BeforeValidator(_list_steps)]


FrameText = Annotated[str, BeforeValidator(str)]
"""A frame's name as its text."""


class UsedFrameDocument(Document):
    """A frame of a video that a probe is searched with."""

    frame: FrameText = Field(description="The frame's name.", examples=["0@31031x1/30000#6bbb8c…"])
    seconds: float
    quality: int = Field(description="The face's, 0 to 100.")


class TrackOriginDocument(Document):
    """The track of a submitted video that a probe shows."""

    file: str = Field(description="The video's id in its submission.")
    name: str
    number: int
    frames: tuple[UsedFrameDocument, ...] = Field(description="Searched together; the first is the probe's photo.")


class ProbeDocument(Document):
    """A probe and the faces found in it; choose one by its ordinal."""

    probe: str
    case: str
    name: str
    facts: PhotoFacts
    faces: tuple[FaceDocument, ...]
    expires_at: datetime
    origin: str | None = Field(description="The record that the photo was handed in from; null for an ordinary photo.")
    track: TrackOriginDocument | None = Field(description="Null where it is a photo.")


class PreparationDocument(Document):
    """A prepared version of a probe: for searching only, never for comparison."""

    preparation: str
    probe: str
    number: int = Field(description="Counts the prepared versions of the probe from 1.")
    steps: tuple[dict[str, Any], ...]
    width: int
    height: int
    faces: tuple[FaceDocument, ...] = Field(description="In the prepared photo's pixels.")
    made_at: datetime
    made_by: str


class PreparationListDocument(Document):
    """The prepared versions of a probe, oldest first."""

    preparations: tuple[PreparationDocument, ...]


class CandidateDocument(Document):
    """A subject that looks alike: a lead to look at, not an identity.

    Until people have concluded on the candidates only the pseudonym is told.
    """

    pseudonym: str | None = Field(description="What the candidate is called while it is examined: C-01, by chance.")
    rank: int | None
    score: float | None = Field(description="Comparison score of the pack; higher is more alike. Not a percentage.")
    number: str | None = Field(description="The record's number; null where it was erased or you may not read it.")
    owner: str | None
    kind: RecordKind | None
    record: str | None = taken_from("record", "subject", description="The record's id.")
    reference: str | None
    photo: str | None
    face: Box | None = taken_from("face", "face_box")
    captured: str | None
    notes: tuple[Message, ...] = Field(description="What decoding the reference's photo had to guess or ignore.")
    erased: bool
    lure: bool = taken_from(
        "lure", "known_non_mate", description="A known non-mate that was put among the candidates; no search found it."
    )


class AlsoDocument(Document):
    """Another photo of the same unknown person that was searched together with the first."""

    probe: str
    probe_sha256: str = taken_from("probe_sha256", "sha256")
    probe_name: str = taken_from("probe_name", "name")
    face: int | None
    prepared: Steps


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
    outcome: SearchOutcome
    rule: str | None
    refusal: Message | None = Field(description="Why the search was refused or impossible.")
    probe: str
    probe_sha256: str
    probe_name: str
    face: int | None
    prepared: Steps = Field(description="What was done to the photo before it was searched.")
    also: tuple[AlsoDocument, ...]
    narrowed: tuple[Message, ...] = Field(description="What the records were narrowed to.")
    origin: str | None = Field(description="The record that the probe was handed in from.")
    answered: int = Field(description="How many were left out because people had answered before; see `again`.")
    again: str = Field(description="Why those were asked of all the same.")
    pack: str | None
    gallery_subjects: int
    gallery_references: int
    erased: bool = Field(description="Reason and candidates were erased, after their time or unauthorised.")
    limit: int
    candidate_count: int | None = Field(description="Null in a list while the candidates are examined.")
    examination: str | None = Field(description="The examination of the candidates; null where none was asked for.")
    notes: tuple[Message, ...] = Field(
        description="What decoding the probe had to guess or ignore; empty in a list, and when it is not held any more."
    )
    examination_state: str | None = Field(description="open, lead, no-lead, inconclusive or lapsed.")
    candidates: tuple[CandidateDocument, ...] = Field(description="In a list of searches left empty.")
    notice: str = "Every match is a lead, not an identity."


class SearchListDocument(Document):
    """A page of recorded searches, newest first, without their candidates' details."""

    searches: tuple[SearchDocument, ...]
    next_after: int | None


class CalibrationDocument(Document):
    """A calibration of what a purpose opens to your authority; its scores are not handed out."""

    id: str
    purpose: Purpose = Field(examples=["missing-person"])
    pack: str = Field(description="The digest of the model pack.")
    started_at: datetime
    finished_at: datetime | None = Field(description="null until all trials are done.")
    person: str
    subjects: int = Field(description="How many people were open when it began.")
    references: int
    trials: int = Field(description="How many are done.")
    asked: int
    seed: int


class CalibrationListDocument(Document):
    """The calibrations of your authority, newest first."""

    calibrations: tuple[CalibrationDocument, ...]


def describe_probe(stored: StoredProbe, number: str, line: SuitabilityLine) -> ProbeDocument:
    """Return the document of a probe without its bytes, in the case of that number."""
    return ProbeDocument.from_value(stored, context=line, probe=stored.id, case=number)


def describe_preparation(stored: StoredPreparation, line: SuitabilityLine) -> PreparationDocument:
    """Return the document of a prepared version."""
    steps = json.loads(write_steps(stored.steps))
    return PreparationDocument.from_value(stored, context=line, preparation=stored.id, steps=steps)


def describe_answer(answer: SearchAnswer) -> SearchDocument:
    """Return the document of a recorded search with its candidates."""
    return _describe_record(
        answer.record, answer.candidates, answer.examination, count=len(answer.candidates), notes=answer.notes
    )


def describe_search_page(page: SearchPage) -> SearchListDocument:
    """Return the document of a page of searches; each search's own document has its candidates."""
    return SearchListDocument(
        searches=tuple(describe_record_alone(record, page.examinations.get(record.search)) for record in page.records),
        next_after=page.next_after,
    )


def describe_record_alone(record: SearchRecord, examination: Examination | None) -> SearchDocument:
    """Return the document of a recorded search without its candidates' details."""
    count = None if examination is not None and examination.is_open else len(record.candidates)
    return _describe_record(record, (), examination, count=count)


def _describe_record(
    record: SearchRecord,
    candidates: tuple[ShownCandidate, ...],
    examination: Examination | None,
    *,
    count: int | None,
    notes: tuple[Message, ...] = (),
) -> SearchDocument:
    return SearchDocument.from_value(
        record,
        narrowed=record.narrowed.filters,
        candidate_count=count,
        notes=notes,
        examination=None if examination is None else examination.id,
        # how many people have given their opinion is told to nobody
        examination_state=None if examination is None else "open" if examination.is_open else examination.state,
        candidates=candidates,
    )
