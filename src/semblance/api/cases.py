"""Cases, the probes in them, and the authorisation of their searches."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from semblance.api.answers import list_answers
from semblance.cases.authorisation import AuthorisationState
from semblance.cases.case import CaseDraft, CaseState, Category
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.cases import (
    AuthorisationDocument,
    AuthorisationListDocument,
    AuthorisationRefusedDocument,
    CaseDetailDocument,
    CaseDocument,
    CaseListDocument,
    describe_authorisation,
    describe_authorisation_refused,
    describe_case,
    describe_case_detail,
    describe_case_page,
)
from semblance.edge.document import shorten_name
from semblance.edge.searches import ProbeDocument, describe_probe_detail
from semblance.terms.ids import AuthorisationId, CaseId, ProbeId
from semblance.terms.purpose import Purpose
from semblance.workflows.cases.authorise import (
    grant_authorisation,
    list_authorisations,
    refuse_authorisation,
    request_authorisation,
)
from semblance.workflows.cases.cases import close_case, list_cases, open_case, read_case
from semblance.workflows.cases.read_probe import describe_probe
from semblance.workflows.cases.submit_probe import submit_probe

_EXAMPLE: JsonDict = {
    "number": "FR-2026-0117",
    "purpose": "missing-person",
    "category": "missing",
    "aim": "To find her alive and tell her family",
    "link": "Report 2026-113 of the family",
}


class CaseRequest(BaseModel):
    """A case to be opened; a wanted person's names the offence, a missing person's the report that it belongs to."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    number: str
    purpose: Purpose
    category: Category
    aim: str = Field(description="What finding the person is for.")
    offence: str = ""
    link: str = ""


class ReasonRequest(BaseModel):
    """Why; it is recorded."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1)


routes = APIRouter(tags=["cases"])


@routes.get("/cases", summary="List the cases", responses=list_answers(401, 403))
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    state: CaseState | None = None,
    after: Annotated[str | None, Query(max_length=64, description="Go on after this case.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> CaseListDocument:
    """Return the cases of your authority, the one opened last first."""
    case = None if after is None else CaseId(after)
    return describe_case_page(list_cases(node, actor, state=state, after=case, limit=limit))


@routes.post("/cases", summary="Open a case", status_code=201, responses=list_answers(401, 403, 409, 507))
def open_(node: CurrentNode, actor: CurrentActor, request: CaseRequest) -> CaseDocument:
    """Open a case of your authority; probes are handed in and searched in it."""
    said: dict[str, Any] = request.model_dump()
    return describe_case(open_case(node, actor, CaseDraft(**said)))


@routes.get("/cases/{case}", summary="A case and what was done in it", responses=list_answers(401, 403, 404))
def read(node: CurrentNode, actor: CurrentActor, case: str) -> CaseDetailDocument:
    """Return a case with its probes, searches and authorisations; reading is logged."""
    return describe_case_detail(read_case(node, actor, CaseId(case)), node.suitability)


@routes.post("/cases/{case}/closure", summary="Close a case", responses=list_answers(401, 403, 404, 409))
def close(node: CurrentNode, actor: CurrentActor, case: str, request: ReasonRequest) -> CaseDocument:
    """Close a case: nothing more is handed in or searched in it."""
    return describe_case(close_case(node, actor, CaseId(case), reason=request.reason))


@routes.post(
    "/cases/{case}/probes",
    summary="Hand in a probe",
    status_code=201,
    responses=list_answers(401, 403, 404, 409, 413, 415, 507),
)
def submit(
    node: CurrentNode,
    actor: CurrentActor,
    case: str,
    photo: Annotated[UploadFile, File(description="The photo.")],
) -> ProbeDocument:
    """Hold a photo as a probe of the case and return the faces found in it with their quality.

    Nothing is searched yet. Not searched, the probe is deleted after an hour; it never becomes a reference.
    """
    name = shorten_name(photo.filename or "photo")
    made = submit_probe(node, actor, CaseId(case), photo.file.read(), name=name)
    return describe_probe_detail(describe_probe(node, actor, made.probe), node.suitability)


@routes.get("/authorisations", summary="List the authorisations", responses=list_answers(401, 403))
def list_waiting(
    node: CurrentNode, actor: CurrentActor, state: AuthorisationState | None = AuthorisationState.WAITING
) -> AuthorisationListDocument:
    """Return your authority's authorisations, those with the nearest end of their clock first."""
    rows = list_authorisations(node, actor, state=state)
    return AuthorisationListDocument(
        authorisations=tuple(describe_authorisation(row.authorisation, row.case_number) for row in rows)
    )


@routes.post("/probes/{probe}/authorisation", summary="Ask for an authorisation", responses=list_answers(401, 403, 404))
def request_(node: CurrentNode, actor: CurrentActor, probe: str) -> AuthorisationDocument:
    """Ask for the authorisation of searches for a probe, where the policy wants it before the search."""
    made = request_authorisation(node, actor, ProbeId(probe))
    return describe_authorisation(made, describe_probe(node, actor, ProbeId(probe)).case.number)


@routes.post(
    "/authorisations/{authorisation}/grant",
    summary="Authorise a search",
    responses=list_answers(401, 403, 404, 409),
)
def grant(node: CurrentNode, actor: CurrentActor, authorisation: str, request: ReasonRequest) -> AuthorisationDocument:
    """Authorise the searches for a probe; nobody authorises their own."""
    held = grant_authorisation(node, actor, AuthorisationId(authorisation), reason=request.reason)
    return describe_authorisation(held, read_case(node, actor, held.case).case.number)


@routes.post(
    "/authorisations/{authorisation}/refusal",
    summary="Refuse to authorise a search",
    responses=list_answers(401, 403, 404, 409),
)
def refuse(
    node: CurrentNode, actor: CurrentActor, authorisation: str, request: ReasonRequest
) -> AuthorisationRefusedDocument:
    """Refuse: everything that was derived from the probe is erased at once, and the receipt counts it."""
    made = refuse_authorisation(node, actor, AuthorisationId(authorisation), reason=request.reason)
    case = read_case(node, actor, made.authorisation.case).case
    return describe_authorisation_refused(made, case.number)
