"""Records of unknown people: made from a case's photo, compared, linked, parted, named."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from semblance.api.answers import list_answers
from semblance.api.cases import ReasonRequest
from semblance.cases.lead_check import Field as Released
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.records import RecordDocument
from semblance.edge.searches import ProbeDocument, describe_probe
from semblance.edge.unknowns import LinkDocument, TiesDocument
from semblance.gallery.record import Circumstances
from semblance.terms.ids import CaseId, LeadId, LinkId, PhotoId, ProbeId, SubjectId
from semblance.terms.record import UNRESTRICTED, Restriction
from semblance.workflows.cases.cases import name_case
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records, part_records
from semblance.workflows.links.make_unknown import UnknownTerms, make_unknown, take_from_probe
from semblance.workflows.links.name_unknown import assign_name, take_name_back
from semblance.workflows.links.read_ties import read_ties

_EXAMPLE: JsonDict = {
    "probe": "6f1f0f0c3b0d4c5f8e6a1b2c3d4e5f60",
    "face": 0,
    "obtained": "A photo from the station's camera",
    "legal_basis": "Article 88 RPD",
    "retain_until": "2028-03-12",
    "summary": "Found without papers, does not speak",
    "neutral": True,
    "reason": "Nobody could say who he is",
}
_Reason = Annotated[str, Field(min_length=1, description="Why; it is recorded.")]


class UnknownRequest(Document):
    """A record of somebody whom nobody could name, made from a photo of a case."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    probe: ProbeId
    face: int | None = Field(default=None, ge=0, description="Which face; needed where the photo shows several.")
    obtained: str = Field(description="How the photo was obtained.")
    legal_basis: str
    retain_until: date
    summary: str = Field(description="The circumstances, in a sentence or more.")
    restriction: Restriction = UNRESTRICTED
    neutral: bool = Field(description="It is not political, military, religious or racial in character.")
    reason: _Reason


class ComparisonRequest(Document):
    """In which case a photo of the record is handed in as a probe, and why."""

    case: CaseId
    photo: PhotoId | None = Field(default=None, description="Which photo; the newest reference where it is left out.")
    reason: _Reason


class LinkRequest(Document):
    """The verified lead between the two records."""

    lead: LeadId
    reason: _Reason


class NamingRequest(Document):
    """What is assigned, from which lead; ``version`` is the one of the record that you had in front of you."""

    lead: LeadId
    fields: frozenset[Released] = Field(default=frozenset(), description="None means all that name somebody.")
    version: int = Field(ge=1)
    reason: _Reason


class TakingBackRequest(Document):
    """Why a name is taken back."""

    version: int = Field(ge=1)
    reason: _Reason


routes = APIRouter(tags=["unknown people"], responses=list_answers(401, 403))


@routes.post("/unknowns", summary="Make an unknown's record", status_code=201, responses=list_answers(404, 409))
def make(node: CurrentNode, actor: CurrentActor, request: UnknownRequest) -> RecordDocument:
    """Enrol a photo of a case anew, under a record with a pseudonym; an officer's own act, which no search does."""
    taken = take_from_probe(node, actor, request.probe, face=request.face, obtained=request.obtained)
    terms = UnknownTerms(
        request.legal_basis,
        request.retain_until,
        Circumstances(summary=request.summary),
        request.neutral,
        request.restriction,
    )
    return RecordDocument.model_validate(make_unknown(node, actor, taken, terms, reason=request.reason))


@routes.get("/records/{record}/ties", summary="What a record is tied to", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, record: SubjectId) -> TiesDocument:
    """Return links with their history, verified leads, and records that are not of this one's person; it is logged."""
    return TiesDocument.model_validate(read_ties(node, actor, record))


@routes.post(
    "/records/{record}/comparison", summary="Compare a record", status_code=201, responses=list_answers(404, 409)
)
def compare(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: ComparisonRequest) -> ProbeDocument:
    """Hand a photo of a record in as a probe of an open case; what follows is a search like any other."""
    probe = compare_record(node, actor, record, request.case, reason=request.reason, photo=request.photo)
    return describe_probe(probe, name_case(node, request.case), node.suitability)


@routes.post("/links", summary="Link two records", status_code=201, responses=list_answers(404, 409))
def link(node: CurrentNode, actor: CurrentActor, request: LinkRequest) -> LinkDocument:
    """Say that the two records of a verified lead are of the same unknown person; 409 where somebody was quicker."""
    return LinkDocument.model_validate(link_records(node, actor, request.lead, reason=request.reason))


@routes.post("/links/{link}/parting", summary="Part two records", responses=list_answers(404, 409))
def part(node: CurrentNode, actor: CurrentActor, link: LinkId, request: ReasonRequest) -> LinkDocument:
    """Part two linked records again; that they were linked, by whom and why, stays."""
    return LinkDocument.model_validate(part_records(node, actor, link, reason=request.reason))


@routes.put("/records/{record}/name", summary="Assign a name", responses=list_answers(404, 409))
def name(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: NamingRequest) -> RecordDocument:
    """Assign what the owner of a known record released after a verified lead."""
    return RecordDocument.model_validate(
        assign_name(
            node, actor, record, request.lead, version=request.version, reason=request.reason, fields=request.fields
        )
    )


@routes.delete("/records/{record}/name", summary="Take a name back", responses=list_answers(404, 409))
def take_back(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: TakingBackRequest) -> RecordDocument:
    """Take back what was assigned; the history keeps that it was."""
    return RecordDocument.model_validate(
        take_name_back(node, actor, record, version=request.version, reason=request.reason)
    )
