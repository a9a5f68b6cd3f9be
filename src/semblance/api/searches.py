"""Probes and searches."""

from typing import Annotated

from fastapi import APIRouter, File, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from semblance.api.answers import answer_problem, list_answers
from semblance.api.subjects import PersonText, require_text
from semblance.cases.justification import Justification
from semblance.edge.describe import describe_answer, describe_probe_detail, describe_search_page
from semblance.edge.documents import ProbeDocument, SearchDocument, SearchListDocument, shorten_name
from semblance.edge.statuses import NUMBER_CAP, REFUSED
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.ids import ProbeId, SearchId
from semblance.terms.permission import Refusal
from semblance.workflows.identify import ChoiceNeeded, NoFaceFound, read_search, search_probe, submit_probe
from semblance.workflows.node import Node
from semblance.workflows.show import describe_probe, list_searches


class SearchRequest(BaseModel):
    """One face of one probe, and why it is searched."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "probe": "0f4c2d9a7be14c5f9a3d1e2b6c8a7f00",
                    "face": 0,
                    "person": "alice",
                    "case": "2026-114",
                    "purpose": "missing-person",
                    "reason": "Photo found on the phone of the missing person's sister.",
                    "limit": 10,
                }
            ]
        },
    )

    probe: str
    face: int | None = Field(default=None, ge=0, description="Ordinal of the face; needed where there are several.")
    person: str = Field(default="", description="Who searches.")
    case: str = Field(default="", description="The case that the search belongs to.")
    purpose: str = Field(default="", description="What the search is for; GET /api/v1/node lists the purposes.")
    reason: str = Field(default="", description="Why this search is needed.")
    limit: int = Field(default=CANDIDATE_CAP, ge=1, le=CANDIDATE_CAP, description="The most candidates to answer with.")


def make_search_routes(node: Node) -> APIRouter:
    """Return the routes about probes and searches."""
    routes = APIRouter(tags=["search"])

    @routes.post("/probes", status_code=201, summary="Hand in a probe", responses=list_answers(403, 413, 415, 507))
    def submit(person: PersonText, photo: Annotated[UploadFile, File(description="The photo.")]) -> ProbeDocument:
        """Hold a photo as a probe and return the faces found in it with their quality.

        Nothing is searched yet. Not searched, the probe is deleted after an hour; it never becomes a reference.
        """
        name = shorten_name(photo.filename or "photo")
        probe = submit_probe(node, photo.file.read(), name=name, person=require_text(person, "person"))
        return describe_probe_detail(describe_probe(node, probe.probe), node.suitability)

    @routes.get("/probes/{probe}", summary="A probe and its faces", responses=list_answers(404))
    def read_probe(probe: str) -> ProbeDocument:
        """Return a probe that is still held."""
        return describe_probe_detail(describe_probe(node, ProbeId(probe)), node.suitability)

    @routes.post(
        "/searches",
        response_model=SearchDocument,
        status_code=201,
        summary="Search the gallery",
        responses=list_answers(403, 404, 409),
    )
    def search(request: SearchRequest) -> SearchDocument | JSONResponse:
        """Search the gallery for one face of a probe.

        Every search is recorded, also where it is refused (403, code `refusal.…`), impossible (422, code `no-face`) or
        finds nobody (201 with an empty list). Several faces and none chosen: 422, code `choice-needed`, not recorded.
        Every match is a lead, not an identity.
        """
        answer = search_probe(
            node,
            ProbeId(request.probe),
            justification=Justification(request.person, request.case, request.purpose, request.reason),
            face=request.face,
            limit=request.limit,
        )
        if isinstance(answer, Refusal):
            return answer_problem(REFUSED, f"refusal.{answer.rule}", answer.reason)
        if isinstance(answer, ChoiceNeeded):
            message = f"The probe shows {len(answer.faces)} faces. Say which one is in question in `face`."
            return answer_problem(422, "choice-needed", message)
        if isinstance(answer, NoFaceFound):
            return answer_problem(422, "no-face", answer.reason)
        return describe_answer(answer)

    @routes.get("/searches", summary="List the recorded searches", responses=list_answers())
    def list_all(
        after: Annotated[int | None, Query(ge=0, le=NUMBER_CAP, description="Go on after this number.")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> SearchListDocument:
        """Return recorded searches, newest first, refused ones too; each one's own document has its candidates."""
        return describe_search_page(list_searches(node, after=after, limit=limit))

    @routes.get("/searches/{search}", summary="A recorded search", responses=list_answers(404))
    def read(search: str) -> SearchDocument:
        """Return a search as it was answered then; subjects deleted since are marked as erased."""
        return describe_answer(read_search(node, SearchId(search)))

    return routes
