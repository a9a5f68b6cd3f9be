"""Cases, the probes in them, and the authorisation of their searches."""

from typing import Annotated

from fastapi import APIRouter, Body, File, Query, UploadFile
from pydantic import Field

from semblance.api.answers import list_answers
from semblance.cases.case import AuthorisationState, Case, CaseDraft, CaseState
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.cases import (
    AuthorisationDocument,
    AuthorisationListDocument,
    AuthorisationRefusedDocument,
    CaseDetailDocument,
    describe_authorisation,
    describe_authorisation_refused,
    describe_case_detail,
)
from semblance.edge.document import Document, shorten_name
from semblance.edge.searches import ProbeDocument, describe_probe
from semblance.terms.ids import AuthorisationId, CaseId, ProbeId
from semblance.workflows.cases.authorise import (
    grant_authorisation,
    list_authorisations,
    refuse_authorisation,
    request_authorisation,
)
from semblance.workflows.cases.cases import CasePage, close_case, list_cases, name_case, open_case, read_case
from semblance.workflows.cases.probes import submit_probe

_EXAMPLE = {
    "number": "FR-2026-0117",
    "purpose": "missing-person",
    "category": "missing",
    "aim": "To find her alive and tell her family",
    "link": "Report 2026-113 of the family",
}


class ReasonRequest(Document):
    """Why; it is recorded."""

    reason: str = Field(min_length=1)


routes = APIRouter(tags=["cases"], responses=list_answers(401, 403))


@routes.get("/cases", summary="List the cases")
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    state: CaseState | None = None,
    after: Annotated[CaseId | None, Query(max_length=64, description="Go on after this case.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> CasePage:
    """Return the cases of your authority, the one opened last first."""
    return list_cases(node, actor, state=state, after=after, limit=limit)


@routes.post("/cases", summary="Open a case", status_code=201, responses=list_answers(409, 507))
def open_(node: CurrentNode, actor: CurrentActor, request: Annotated[CaseDraft, Body(examples=[_EXAMPLE])]) -> Case:
    """Open a case of your authority; probes are handed in and searched in it."""
    return open_case(node, actor, request)


@routes.get("/cases/{case}", summary="A case and what was done in it", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, case: CaseId) -> CaseDetailDocument:
    """Return a case with its probes, searches and authorisations; reading is logged."""
    return describe_case_detail(read_case(node, actor, case), node.suitability)


@routes.post("/cases/{case}/closure", summary="Close a case", responses=list_answers(404, 409))
def close(node: CurrentNode, actor: CurrentActor, case: CaseId, request: ReasonRequest) -> Case:
    """Close a case: nothing more is handed in or searched in it."""
    return close_case(node, actor, case, reason=request.reason)


@routes.post(
    "/cases/{case}/probes", summary="Hand in a probe", status_code=201, responses=list_answers(404, 409, 413, 415, 507)
)
def submit(
    node: CurrentNode, actor: CurrentActor, case: CaseId, photo: Annotated[UploadFile, File(description="The photo.")]
) -> ProbeDocument:
    """Hold a photo as a probe of the case and return the faces found in it with their quality.

    Nothing is searched yet. Not searched, the probe is deleted after an hour; it never becomes a reference.
    """
    made = submit_probe(node, actor, case, photo.file.read(), name=shorten_name(photo.filename or "photo"))
    return describe_probe(made, name_case(node, case), node.suitability)


@routes.get("/authorisations", summary="List the authorisations")
def list_waiting(
    node: CurrentNode, actor: CurrentActor, state: AuthorisationState | None = AuthorisationState.WAITING
) -> AuthorisationListDocument:
    """Return your authority's authorisations, those with the nearest end of their clock first."""
    rows = list_authorisations(node, actor, state=state)
    return AuthorisationListDocument(
        authorisations=tuple(describe_authorisation(row.authorisation, row.case_number) for row in rows)
    )


@routes.post("/probes/{probe}/authorisation", summary="Ask for an authorisation", responses=list_answers(404))
def request_(node: CurrentNode, actor: CurrentActor, probe: ProbeId) -> AuthorisationDocument:
    """Ask for the authorisation of searches for a probe, where the policy wants it before the search."""
    made = request_authorisation(node, actor, probe)
    return describe_authorisation(made, name_case(node, made.case))


@routes.post("/authorisations/{authorisation}/grant", summary="Authorise a search", responses=list_answers(404, 409))
def grant(
    node: CurrentNode, actor: CurrentActor, authorisation: AuthorisationId, request: ReasonRequest
) -> AuthorisationDocument:
    """Authorise the searches for a probe; nobody authorises their own."""
    granted = grant_authorisation(node, actor, authorisation, reason=request.reason)
    return describe_authorisation(granted, name_case(node, granted.case))


@routes.post(
    "/authorisations/{authorisation}/refusal", summary="Refuse to authorise a search", responses=list_answers(404, 409)
)
def refuse(
    node: CurrentNode, actor: CurrentActor, authorisation: AuthorisationId, request: ReasonRequest
) -> AuthorisationRefusedDocument:
    """Refuse: everything that was derived from the probe is erased at once, and the receipt counts it."""
    refused = refuse_authorisation(node, actor, authorisation, reason=request.reason)
    return describe_authorisation_refused(refused, name_case(node, refused.authorisation.case))
