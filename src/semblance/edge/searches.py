"""Documents about probes, searches and their candidates."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from semblance.audit.search_record import SearchRecord
from semblance.cases.examination import Examination
from semblance.edge.document import Document
from semblance.edge.photos import FaceDocument, describe_face
from semblance.gallery.suitability import SuitabilityLine
from semblance.terms.geometry import Box
from semblance.terms.samples import PhotoFacts
from semblance.workflows.cases.read_probe import ProbeDetail
from semblance.workflows.search.list_searches import SearchPage
from semblance.workflows.search.search_answer import SearchAnswer


class ProbeDocument(Document):
    """A probe and the faces found in it; choose one by its ordinal."""

    probe: str
    case: str
    name: str
    facts: PhotoFacts
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
    face: Box | None
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


def describe_probe_detail(probe: ProbeDetail, line: SuitabilityLine) -> ProbeDocument:
    """Return the document of a probe without its bytes."""
    return ProbeDocument(
        probe=probe.probe,
        case=probe.case.number,
        name=probe.name,
        facts=probe.facts,
        faces=tuple(describe_face(face, line) for face in probe.faces),
        expires_at=probe.expires_at,
    )


def describe_answer(answer: SearchAnswer) -> SearchDocument:
    """Return the document of a recorded search with its candidates."""
    shown = tuple(
        CandidateDocument(
            pseudonym=candidate.pseudonym,
            rank=candidate.rank,
            score=candidate.score,
            number=candidate.number,
            owner=candidate.owner,
            kind=None if candidate.kind is None else candidate.kind.value,
            record=candidate.subject,
            reference=candidate.reference,
            photo=candidate.photo,
            face=candidate.face_box,
            captured=candidate.captured,
            erased=candidate.erased,
            lure=candidate.known_non_mate,
        )
        for candidate in answer.candidates
    )
    return _describe_record(answer.record, shown, answer.examination, count=len(shown))


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
    candidates: tuple[CandidateDocument, ...],
    examination: Examination | None,
    *,
    count: int | None,
) -> SearchDocument:
    return SearchDocument(
        search=record.search,
        when=record.when,
        person=record.person,
        authority=record.authority,
        case=record.case,
        case_id=record.case_id,
        purpose=record.purpose,
        reason=record.reason,
        outcome=record.outcome.value,
        rule=record.rule,
        refusal=record.refusal,
        probe=record.probe,
        probe_sha256=record.probe_sha256,
        probe_name=record.probe_name,
        face=record.face,
        prepared=() if record.prepared is None else record.prepared.steps,
        also=tuple(
            AlsoDocument(
                probe=one.probe,
                probe_sha256=one.sha256,
                probe_name=one.name,
                face=one.face,
                prepared=() if one.prepared is None else one.prepared.steps,
            )
            for one in record.also
        ),
        narrowed=record.narrowed.words,
        pack=record.pack,
        gallery_subjects=record.gallery_subjects,
        gallery_references=record.gallery_references,
        erased=record.erased,
        limit=record.limit,
        candidate_count=count,
        examination=None if examination is None else examination.id,
        # how many people have given their opinion is told to nobody
        examination_state=None if examination is None else "open" if examination.is_open else examination.state.value,
        candidates=candidates,
    )
