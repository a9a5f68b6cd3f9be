"""What people ask about themselves, what somebody is reminded of, and the figures of a data-protection officer."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.requests import (
    OversightDocument,
    RequestAnsweredDocument,
    RequestDocument,
    RequestListDocument,
    RequestReceivedDocument,
    describe_received,
    describe_request,
    describe_request_detail,
    describe_requests,
)
from semblance.gallery.request import RECORDS_CAP, RequestDraft, RequestKind, Withheld
from semblance.terms.ids import RequestId, SubjectId
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import answer_request, decline_request
from semblance.workflows.data_subjects.requests import (
    link_records,
    list_requests,
    read_request,
    receive_request,
    refer_request,
)
from semblance.workflows.oversight.oversight import LONGEST, read_oversight
from semblance.workflows.scheduled.remind import Reminders, list_reminders

_Ids = Annotated[tuple[SubjectId, ...], Field(max_length=RECORDS_CAP, description="Ids of records.")]


class ReceivedRequest(Document):
    """A request that came in; ``received_on`` is today where it is left out."""

    kind: RequestKind
    asker: str = Field(description="Who asks, and where they are answered.", examples=["Jeanne Doe, 1 rue X, Lyon"])
    whom: str = Field(default="", description="Whom it is about, in the words of who asks.")
    what: str = Field(default="", description="What is wrong, or what is wanted.")
    records: _Ids = ()
    received_on: date | None = None


class LinkRequest(Document):
    """Which records a request is about, and which it is not about after all."""

    add: _Ids = ()
    remove: _Ids = ()


class AccessFileRequest(Document):
    """What is kept back of the file."""

    withheld: tuple[Withheld, ...] = ()


class DecisionRequest(Document):
    """What the answer is, or why the request is declined."""

    reason: str = Field(min_length=1)


class ReferralRequest(Document):
    """The owner of what the request is about, and why it is referred."""

    authority: str = Field(max_length=40, examples=["DE"])
    reason: str = Field(min_length=1)


routes = APIRouter(tags=["data subjects"], responses=list_answers(401, 403))


@routes.post("/requests", summary="Take in a request", status_code=201, responses=list_answers(404, 507))
def receive(node: CurrentNode, actor: CurrentActor, request: ReceivedRequest) -> RequestReceivedDocument:
    """Take in what somebody asks about themselves; a dispute takes its records out of every search at once."""
    day = request.received_on or node.clock().date()
    draft = RequestDraft(received_on=day, **request.model_dump(exclude={"received_on"}))
    return describe_received(receive_request(node, actor, draft))


@routes.get("/requests", summary="List the requests", responses=list_answers(404))
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    decided: Annotated[bool, Query(description="Those that were decided, instead of those that wait.")] = False,
    after: Annotated[RequestId | None, Query(max_length=64, description="Go on after this request.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RequestListDocument:
    """Return requests, the most urgent first."""
    return describe_requests(list_requests(node, actor, decided=decided, after=after, limit=limit))


@routes.get("/requests/{request}", summary="A request", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, request: RequestId) -> RequestDocument:
    """Return a request with the numbers of its records; reading is logged."""
    return describe_request_detail(read_request(node, actor, request))


@routes.post("/requests/{request}/records", summary="Link records to a request", responses=list_answers(404, 409))
def link(node: CurrentNode, actor: CurrentActor, request: RequestId, body: LinkRequest) -> RequestReceivedDocument:
    """Say which records a request is about, or take a wrong one out again."""
    return describe_received(link_records(node, actor, request, add=body.add, remove=body.remove))


@routes.post(
    "/requests/{request}/file",
    summary="The file that answers a request for access",
    responses={
        200: {"content": {"application/zip": {}}, "description": "Everything that is held, and every disclosure."},
        **list_answers(404, 409),
    },
    response_class=Response,
)
def hand_out(node: CurrentNode, actor: CurrentActor, request: RequestId, body: AccessFileRequest) -> Response:
    """Return everything that is held, and every disclosure, as a zip; making it is a disclosure itself."""
    made = make_access_file(node, actor, request, withheld=body.withheld)
    headers = {"content-disposition": f'attachment; filename="{made.name}"', "cache-control": "no-store"}
    return Response(made.data, media_type="application/zip", headers=headers)


@routes.post("/requests/{request}/answer", summary="Answer a request", responses=list_answers(404, 409))
def answer(
    node: CurrentNode, actor: CurrentActor, request: RequestId, body: DecisionRequest
) -> RequestAnsweredDocument:
    """Answer a request as it was asked: erase, withdraw, or close it after the edit or the file."""
    return RequestAnsweredDocument.model_validate(answer_request(node, actor, request, reason=body.reason))


@routes.post("/requests/{request}/decline", summary="Decline a request", responses=list_answers(404, 409))
def decline(
    node: CurrentNode, actor: CurrentActor, request: RequestId, body: DecisionRequest
) -> RequestAnsweredDocument:
    """Decline a request; a disputed record is searched again."""
    return RequestAnsweredDocument.model_validate(decline_request(node, actor, request, reason=body.reason))


@routes.post("/requests/{request}/referral", summary="Refer a request", responses=list_answers(404, 409))
def refer(node: CurrentNode, actor: CurrentActor, request: RequestId, body: ReferralRequest) -> RequestDocument:
    """Refer a request to the owner of a record that is not open to you; its officers have it as one of their own."""
    return describe_request(refer_request(node, actor, request, to=body.authority, reason=body.reason))


@routes.get("/reminders", summary="What ends soon, and what is overdue")
def remind(node: CurrentNode, actor: CurrentActor) -> Reminders:
    """Return your authority's records that end soon, and the requests whose deadline has passed."""
    return list_reminders(node, actor)


@routes.get("/oversight", summary="The figures of a data-protection officer")
def oversee(
    node: CurrentNode,
    actor: CurrentActor,
    days: Annotated[int, Query(ge=1, le=LONGEST, description="How far to look back.")] = 30,
    within: Annotated[int, Query(ge=0, le=LONGEST, description="Days ahead for records that end.")] = 30,
) -> OversightDocument:
    """Return who searches, what is refused, what ends, what is disputed and what waits; reading is logged."""
    return OversightDocument.model_validate(read_oversight(node, actor, days=days, within=within))
